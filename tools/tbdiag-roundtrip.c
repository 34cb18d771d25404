/* SPDX-License-Identifier: MIT
 *
 * tbdiag-roundtrip.c - write an attribute with a device's token, and read it back.
 */
#include "tools/recipe.h"

static int take_token(struct job *job)
{
	return token_take(&job->settings, &job->error);
}

static int try_token(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, job_fetch, job_ask_ocsp,
		job_roundtrip, job_describe_trust, job_note_side_effects, job_await_stacks,
		job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static step *const steps[] = { job_begin, job_roundtrip_check, job_target_asked, job_roundtrip_fits,
	take_token, try_token, NULL };

static const struct opt_group groups[] = {
	{ "Round trip", roundtrip_options },
	{ NULL, transport_options },
	{ "Token", token_options },
	{ "Trust", trust_options },
	{ NULL, clock_options },
	{ "Stacks", stack_options },
	{ NULL, insecure_options },
	{ "Connection", connection_options },
	{ NULL, wait_options },
	{ "Output", output_options },
	{ NULL, output_file_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag roundtrip",
		.summary =
			"Connect with a device's access token over MQTT, HTTP or CoAP, write an attribute and "
			"read it back, as ThingsBoard's examples do. A device that is connected over "
			"MQTT with the token is disconnected once.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, wss://, https:// or coaps:// before it, or mqtt://, "
			"http:// or coap:// (in clear). "
			"The token comes from an option, else TBDIAG_TOKEN, else a prompt. The manual is "
			"tbdiag-roundtrip(1).",
	},
	.steps = steps,
	.asks_stacks = true,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
