/* SPDX-License-Identifier: MIT
 *
 * pkcs.c - certificates in PKCS#7 and PKCS#12.
 */
#include "x509/pkcs.h"

#include "x509/cert.h"

#include <gnutls/pkcs12.h>
#include <gnutls/pkcs7.h>

int tbdi_pkcs7_each(struct tbd_bytes content, tbdi_on_der *on_der, void *arg)
{
	gnutls_pkcs7_t pkcs7 = NULL;
	gnutls_datum_t data = tbdi_datum(content);
	int ret = 0;
	if (gnutls_pkcs7_init(&pkcs7) < 0)
		return TBD_E_NOMEM;
	int count = gnutls_pkcs7_import(pkcs7, &data, GNUTLS_X509_FMT_DER) < 0
		? 0
		: gnutls_pkcs7_get_crt_count(pkcs7);
	for (int i = 0; ret == 0 && i < count; i++) {
		gnutls_datum_t cert = { NULL, 0 };
		if (gnutls_pkcs7_get_crt_raw2(pkcs7, (unsigned)i, &cert) < 0)
			continue;
		ret = on_der(arg, (struct tbd_bytes){ cert.data, cert.size });
		gnutls_free(cert.data);
	}
	gnutls_pkcs7_deinit(pkcs7);
	return ret;
}

static int bag_each(gnutls_pkcs12_bag_t bag, tbdi_on_der *on_der, void *arg)
{
	int ret = 0, count = gnutls_pkcs12_bag_get_count(bag);
	for (int i = 0; ret == 0 && i < count; i++) {
		gnutls_datum_t cert = { NULL, 0 };
		if (gnutls_pkcs12_bag_get_type(bag, (unsigned)i) == GNUTLS_BAG_CERTIFICATE &&
			gnutls_pkcs12_bag_get_data(bag, (unsigned)i, &cert) >= 0)
			ret = on_der(arg, (struct tbd_bytes){ cert.data, cert.size });
	}
	return ret;
}

int tbdi_pkcs12_each(struct tbd_bytes content, tbdi_on_der *on_der, void *arg)
{
	gnutls_pkcs12_t pkcs12 = NULL;
	gnutls_datum_t data = tbdi_datum(content);
	bool more = true;
	int ret = 0;
	if (gnutls_pkcs12_init(&pkcs12) < 0)
		return TBD_E_NOMEM;
	more = gnutls_pkcs12_import(pkcs12, &data, GNUTLS_X509_FMT_DER, 0) >= 0;
	for (int i = 0; ret == 0 && more; i++) {
		gnutls_pkcs12_bag_t bag = NULL;
		if (gnutls_pkcs12_bag_init(&bag) < 0) {
			ret = TBD_E_NOMEM;
			break;
		}
		more = gnutls_pkcs12_get_bag(pkcs12, i, bag) >= 0;
		if (more)
			ret = bag_each(bag, on_der, arg);
		gnutls_pkcs12_bag_deinit(bag);
	}
	gnutls_pkcs12_deinit(pkcs12);
	return ret;
}
