/* t_mail.c - messages, boxes of them and saved pages: what becomes text, metadata and files
 * of their own, and bytes as they should not be. */
#include <errno.h>
#include <iconv.h>

#include "tests/extract/gather.h"

static const char mixed[] =
	"From: =?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <y@x.jp>\r\n"
	"To: =?koi8-r?B?6dfBzg==?= <i@x.ru>,\r\n \"M\xfcller, Hans\" <m@x.de>\r\n"
	"Subject: =?gb2312?B?1tDOxA==?= =?iso-8859-15?Q?_=A4uro?= Gr\xfc\xdf" "e\r\n"
	"Date: Tue, 01 Feb 2022 23:30:00 -0800\r\n"
	"Message-ID: <a@b>\r\nReferences: <r0@b>\r\n <r1@b>\r\nIn-Reply-To: <r1@b>\r\nContent-Language: de-AT\r\n"
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\npreamble\r\n"
	"--xx\r\nContent-Type: multipart/alternative; boundary=yy\r\n\r\n"
	"--yy\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	"=F0=D2=C9=D7=C5=D4, =CD=C9=D2\r\n> quoted\r\n"
	"--yy\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>the same in HTML\r\n--yy--\r\n"
	"--xx\r\nContent-Type: image/png\r\nContent-ID: <i>\r\nContent-Disposition: inline\r\n\r\n\x89PNG\r\n"
	"--xx\r\nContent-Type: application/octet-stream\r\n"
	"Content-Disposition: attachment; filename*=iso-8859-2''%BE%E1ba.txt\r\n\r\nattached text\r\n"
	"--xx\r\nContent-Type: text/plain; charset=windows-1251; name=\"../../x.txt\"\r\n"
	"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nz/Do4uXy\r\n"
	"--xx\r\nContent-Type: text/plain; name=x.txt\r\nContent-Disposition: attachment\r\n\r\nthe second x\r\n"
	"--xx\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\r\n"
	"--xx\r\nContent-Type: message/rfc822\r\n\r\n"
	"From: =?big5?B?pKSk5Q==?= <q@x.tw>\r\nSubject: inner\r\n\r\nBody of the inner\r\n"
	"--xx--\r\n";

static void
t_message(void **state)
{
	gather *g = gather_new();

	(void)state;
	gather_read(g, NULL, "m.eml", mixed, sizeof mixed - 1);
	gather_has(g, "D m.eml|中文 €uro Grüße|Привет, мир\n> quoted|date=2022-02-01|author=山田 <y@x.jp>|"
		      "recipients=Иван <i@x.ru>|recipients=Müller, Hans <m@x.de>|message-id=a@b|in-reply-to=r1@b|thread=r0@b");
	gather_has(g, "D m.eml/žába.txt|žába.txt|attached text|parent=m.eml");
	gather_has(g, "D m.eml/x.txt|x.txt|Привет|parent=m.eml");
	gather_has(g, "D m.eml/3-x.txt|3-x.txt|the second x|parent=m.eml");
	gather_has(g, "S m.eml/winmail.dat|attachments in Outlook's own wrapping");
	gather_has(g, "D m.eml/message-5.eml|inner|Body of the inner|author=中文 <q@x.tw>|parent=m.eml");
	assert_int_equal(g->documents, 5);
	assert_int_equal(g->problems, 0);
	gather_free(g);
}

static void
is_mail(gather *g, const char *name, const char *message, const char *line)
{
	gather_read(g, extract_mail, name, message, strlen(message));
	gather_has(g, line);
}

static void
t_headers(void **state)
{
	gather *g = gather_new();

	(void)state;
	is_mail(g, "m", "Subject: a\n  b\nDate: 12 Nov 99 10:00 GMT\nFrom: x@y (Some One)\n\nt\n",
		"D m|a b|t|date=1999-11-12|author=Some One <x@y>");
	is_mail(g, "m", "Subject: =?utf-8?B?w6Q=?==?utf-8?Q?_=C3=BC?= =?x-none?Q?z?=\nFrom: Somebody\n\nt\n", "D m|ä ü");
	is_mail(g, "m", "Subject: x\nFrom: Somebody\nDate: yesterday\n\nt\n",
		"D m|x|t|author=Somebody|warning=its date cannot be read");
	is_mail(g, "m", "Subject: x\nDate: 2022-03-04\n\nt\n", "D m|x|t|date=2022-03-04");
	is_mail(g, "m", "From: a@b\nNewsgroups: sci.med\nKeywords: a, b\n\nt\n",
		"D m|(no subject)|t|author=a@b|newsgroups=sci.med|keywords=a, b");
	is_mail(g, "m", "Subject: \xd0\xa2\xd0\xb5\xd1\x81\xd1\x82\nFrom: a@b\n\n\xd2\xe5\xea\xf1\xf2 \xed\xe0 \xf0\xf3\xf1\xf1\xea\xee\xec \xff\xe7\xfb\xea\xe5\n",
		"D m|Тест|Текст на русском языке");
	is_mail(g, "m.emlx", "35\nSubject: x\nFrom: a@b\n\nthe message.\n\n<?xml version=\"1.0\"?><plist/>\n",
		"D m.emlx|x|the message.|author=a@b\n");
	gather_free(g);
}

static void
t_html(void **state)
{
	gather *g = gather_new();

	(void)state;
	is_mail(g, "m", "Subject: s\nTo: a@b\nContent-Type: text/html; charset=iso-8859-1\n\n<title>no</title><h1>H</h1><p>caf\xe9",
		"D m|s|H\n\ncafé");
	is_mail(g, "m", "Subject: s\nTo: a@b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nplain\n--x\n"
			"Content-Type: text/html\n\n<p>and HTML\n--x\nContent-Type: text/x-patch; name=a.diff\n\n-old\n+new\n--x--\n",
		"D m|s|plain\n\nand HTML\n\n-old\n+new");
	is_mail(g, "p.mhtml", "From: <Saved by Blink>\nSnapshot-Content-Location: https://a.b/c\nSubject: s\n"
			      "Date: Tue, 1 Feb 2022 10:00:00 -0000\nMIME-Version: 1.0\n"
			      "Content-Type: multipart/related; type=\"text/html\"; boundary=x\n\n--x\n"
			      "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\nContent-Location: https://a.b/c\n\n"
			      "<html><title>The page</title><p>a=3Db</html>\n--x\nContent-Type: image/gif\n\nGIF8\n--x\n"
			      "Content-Type: text/css\n\np { }\n--x--\n",
		"D p.mhtml|The page|a=b|url=https://a.b/c|retrieved=2022-02-01\n");
	assert_int_equal(g->documents + g->problems + g->skipped, 1);
	gather_free(g);
}

static void
t_secret(void **state)
{
	gather *g = gather_new();

	(void)state;
	is_mail(g, "m", "Subject: ...\nTo: a@b\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n"
			"Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"
			"Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--x--\n",
		"P m|encrypted (PGP)");
	gather_has(g, "D m|...||recipients=a@b");
	is_mail(g, "m", "Subject: s\nTo: a@b\nContent-Type: application/pkcs7-mime; name=smime.p7m\n"
			"Content-Transfer-Encoding: base64\n\nMIAGCSqG\n",
		"P m|encrypted (S/MIME)");
	is_mail(g, "m", "Subject: s\nTo: a@b\n\nBefore\n-----BEGIN PGP MESSAGE-----\nhQEMA\n", "P m|encrypted (PGP)");
	gather_has(g, "D m|s|Before|");
	is_mail(g, "m", "Subject: ...\nTo: a@b\nContent-Type: multipart/signed; boundary=x\n\n--x\n"
			"Content-Type: text/plain; protected-headers=v1\nSubject: The true one\n\nsigned text\n--x\n"
			"Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n--x--\n",
		"D m|The true one|signed text");
	assert_int_equal(g->problems + g->skipped, 0);
	gather_free(g);
}

static void
t_box(void **state)
{
	static const char box[] =
		"From a@b Mon Jun 01 10:00:00 2009\nSubject: one\nFrom: a@b\nMessage-ID: <1@x>\n\n"
		"text\n>From the quoted\n>>From twice\nFrom in the midst\n\nFrom here on: no header\n\n"
		"From a@b Mon Jun 01 10:00:00 2009\nSubject: two\nFrom: a@b\nMessage-ID: <1@x>\n\nagain\n\n"
		"From a@b Mon Jun 01 10:00:00 2009\nSubject: three\nContent-Length: 38\n\n"
		"cut\n\nFrom by: its length\nand not here\n"
		"From a@b Mon Jun 01 10:00:00 2009\nSubject: four\nContent-Length: 7\nMessage-ID: <4@x>\n\na wrong length\n";
	gather *g = gather_new();

	(void)state;
	gather_read(g, NULL, "in/box", box, sizeof box - 1);
	gather_has(g, "D in/box/1@x|one|text\nFrom the quoted\n>From twice\nFrom in the midst\n\nFrom here on: no header|");
	gather_has(g, "D in/box/2|two|again|");
	gather_has(g, "D in/box/3|three|cut\n\nFrom by: its length\nand not here");
	gather_has(g, "D in/box/4@x|four|a wrong length|");
	assert_int_equal(g->documents, 4);
	gather_read(g, NULL, "one.eml", box, (size_t)(strstr(box, "text\n") - box));
	gather_has(g, "D one.eml|one||author=a@b|message-id=1@x");
	gather_cut(g, NULL, "box.mbox", box, sizeof box - 1);
	gather_free(g);
}

static void
t_many(void **state)
{
	gather *g = gather_new();
	buf box;

	(void)state;
	buf_init(&box);
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(&box, "From a@b Mon Jun 01 10:00:00 2009\nSubject: s\nMessage-ID: <%u@x>\n\nt%u\n\n", i % 4000, i);
	gather_read(g, NULL, "box", box.p, box.len);
	assert_int_equal(g->documents, 5000);
	gather_has(g, "D box/3999@x|s|t3999");
	gather_has(g, "D box/4001|s|t4000");
	buf_fini(&box);
	gather_free(g);
}

static void
t_bombs(void **state)
{
	gather *g = gather_new();
	buf m;

	(void)state;
	buf_init(&m);
	for (unsigned i = 0; i < 1000; i++) /* messages in messages */
		buf_printf(&m, "Subject: s%u\nFrom: a@b\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n", i);
	buf_puts(&m, "Subject: last\nTo: a@b\nFrom: a@b\n\nend\n");
	gather_read(g, NULL, "deep.eml", m.p, m.len);
	assert_int_equal(g->status, CDG_OK);
	gather_has(g, "D deep.eml|s0|");
	assert_int_equal(g->problems, 1);
	m.len = 0; /* multiparts in multiparts */
	buf_puts(&m, "Subject: s\nFrom: a@b\nTo: a@b\n");
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&m, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	buf_puts(&m, "Content-Type: text/plain\n\nend\n");
	gather_read(g, NULL, "parts.eml", m.p, m.len);
	gather_has(g, "D parts.eml|s|");
	assert_non_null(strstr(buf_cstr(&g->out), "too many others"));
	m.len = 0; /* a header of 10 MB, and one of 10 MB in names */
	buf_puts(&m, "Subject: ");
	for (unsigned i = 0; i < 1000000; i++)
		buf_puts(&m, "=?utf-8?Q?a?= ");
	buf_puts(&m, "\nTo: ");
	for (unsigned i = 0; i < 200000; i++)
		buf_puts(&m, "Some One <a@b.c>,\n ");
	buf_puts(&m, "x@y\nFrom: a@b\n\nthe text\n");
	gather_read(g, NULL, "large.eml", m.p, m.len);
	assert_int_equal(g->documents, 1);
	assert_non_null(strstr(buf_cstr(&g->out), "the text"));
	m.len = 0; /* lines that all look like boundaries */
	buf_puts(&m, "Subject: s\nFrom: a@b\nTo: a@b\nContent-Type: multipart/mixed; boundary=x\n\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_puts(&m, "--x\n\nt\n");
	gather_read(g, NULL, "many.eml", m.p, m.len);
	gather_has(g, "D many.eml|s|t\n\nt\n\nt");
	buf_fini(&m);
	gather_free(g);
}

static void
t_bad_bytes(void **state)
{
	gather *g = gather_new();

	(void)state;
	unit_seed("mail");
	gather_cut(g, extract_mail, "m.eml", mixed, sizeof mixed - 1);
	gather_cut(g, NULL, "m.eml", mixed, sizeof mixed - 1);
	gather_cut(g, NULL, "m.pdf", mixed, sizeof mixed - 1);
	gather_damage(g, extract_mail, "m.eml", mixed, sizeof mixed - 1, 3000);
	gather_damage(g, extract_mbox, "m.mbox", mixed, sizeof mixed - 1, 500);
	gather_free(g);
}

/* The conversions that GMime asks for: what iconv promises of errors and of room. */
static void
t_iconv(void **state)
{
	char in[] = "a\xe3\x81\x82\xff" "b\xe3\x81", out[64], *from = in, *to = out;
	size_t left = sizeof in - 1, room = sizeof out;
	iconv_t cd = iconv_open("UTF-8", "UTF-8");
	iconv_t jp = iconv_open("ISO-2022-JP//TRANSLIT", "UTF-8");

	(void)state;
	assert_int_equal(iconv(cd, &from, &left, &to, &room), (size_t)-1);
	assert_int_equal(errno, EILSEQ);
	assert_int_equal(from - in, 4);
	assert_int_equal(to - out, 4);
	from++;
	left--;
	assert_int_equal(iconv(cd, &from, &left, &to, &room), (size_t)-1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(from - in, 6);
	assert_int_equal(to - out, 5);
	iconv_close(cd);
	from = in;
	left = 4;
	to = out;
	room = sizeof out;
	assert_int_equal(iconv(jp, &from, &left, &to, &room), 0);
	assert_int_equal(iconv(jp, NULL, NULL, &to, &room), 0);
	assert_int_equal(to - out, 9);
	assert_memory_equal(out, "a\x1b$B$\"\x1b(B", 9);
	from = in;
	left = 4;
	to = out;
	room = 2;
	assert_int_equal(iconv(jp, &from, &left, &to, &room), (size_t)-1);
	assert_int_equal(errno, E2BIG);
	iconv_close(jp);
	assert_ptr_equal(iconv_open("UTF-8", "no-such-encoding"), (iconv_t)-1);
	assert_int_equal(errno, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_message), cmocka_unit_test(t_headers),   cmocka_unit_test(t_html),
		cmocka_unit_test(t_secret),  cmocka_unit_test(t_box),	    cmocka_unit_test(t_many),
		cmocka_unit_test(t_bombs),   cmocka_unit_test(t_bad_bytes), cmocka_unit_test(t_iconv),
	};

	extract_mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
