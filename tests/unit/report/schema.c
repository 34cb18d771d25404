/* SPDX-License-Identifier: MIT
 *
 * schema.c - the tables of the report: each row of text says what kind of text it is.
 */
#include "tests/unit/check-main.h"
#include "report/schema.h"

static bool holds_text(const struct tbdi_field *field)
{
	switch (field->kind) {
	case TBDI_TEXT:
	case TBDI_MAYBE:
	case TBDI_STRINGS:
	case TBDI_STRINGS_IF:
	case TBDI_EVIDENCE:
	case TBDI_ERROR:
		return true;
	case TBDI_BOOL:
	case TBDI_NUMBER:
	case TBDI_OPTIONAL:
	case TBDI_NONZERO:
	case TBDI_NUMBER_IF:
	case TBDI_TIME:
	case TBDI_TIME_MAYBE:
	case TBDI_DAYS_LEFT:
	case TBDI_WORD:
	case TBDI_OBJECT:
	case TBDI_POINTERS:
	case TBDI_ARRAY:
	case TBDI_ELEMENT:
	case TBDI_CERT:
	case TBDI_CERTS:
		break;
	}
	return false;
}

/* Each structure is reached; one that contains itself is not entered twice. */
static size_t check_shape(const struct tbdi_shape *shape, const char *name)
{
	size_t count = 0;
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		count++;
		ck_assert_msg(holds_text(field) == (field->privacy != TBDI_IS_UNSAID),
			"%s.%s: kind and privacy do not fit", name, field->name);
		if (field->shape != NULL && field->shape != shape)
			count += check_shape(field->shape, field->name);
	}
	return count;
}

TEST(privacy)
{
	ck_assert_uint_gt(check_shape(&tbdi_report_shape, "report"), 150);
}
