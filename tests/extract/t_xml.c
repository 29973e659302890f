/* t_xml.c - small files of each kind of XML that is known: text, sections and metadata;
 * mappings of the user's own; and files that mean harm. */
#include "tests/extract/sink.h"

#include "extract/reader/xml_dialects.h"

enum { DOCS = 4 };

/* What the reader gave, as text: one document after another. */
static struct {
	buf text[DOCS], meta[DOCS], sections[DOCS];
	char warning[400], problem[400];
	unsigned documents, problems, skipped;
} got;

static cdg_status
take_document(void *ctx, const document *d, const char *warning, cdg_error *err)
{
	unsigned i = got.documents++;
	char date[24];

	(void)ctx;
	(void)err;
	sink_check(d);
	strcpy(got.warning, warning);
	if (i >= DOCS)
		return CDG_OK;
	buf_put(&got.text[i], d->text.p, d->text.n);
	buf_printf(&got.meta[i], "id=%.*s title=%.*s", (int)d->id.n, d->id.p, (int)d->title.n, d->title.p);
	if (d->has_date) {
		doc_format_date(d->date, date);
		buf_printf(&got.meta[i], " date=%s", date);
	}
	if (d->lang.n)
		buf_printf(&got.meta[i], " lang=%.*s", (int)d->lang.n, d->lang.p);
	if (d->url.n)
		buf_printf(&got.meta[i], " url=%.*s", (int)d->url.n, d->url.p);
	for (size_t k = 0; k < d->nfields; k++) {
		const doc_field *f = &d->fields[k];

		if (sink_is_own_field(f))
			continue;
		buf_printf(&got.meta[i], " %.*s=%.*s", (int)f->name.n, f->name.p, (int)f->string.n, f->string.p);
	}
	for (size_t k = 0; k < d->nsections; k++) {
		const doc_section *s = &d->sections[k];

		buf_printf(&got.sections[i], "%u %s \"%.*s\" %.6s\n", s->level, s->kind, (int)s->label.n, s->label.p,
			   s->start + 6 <= d->text.n ? d->text.p + s->start : "");
	}
	return CDG_OK;
}

static cdg_status
take_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	(void)ctx;
	(void)name;
	(void)err;
	got.problems++;
	got.skipped += skipped;
	snprintf(got.problem, sizeof got.problem, "%s", why);
	return CDG_OK;
}

static void
forget(void)
{
	for (size_t i = 0; i < DOCS; i++) {
		buf_fini(&got.text[i]);
		buf_fini(&got.meta[i]);
		buf_fini(&got.sections[i]);
	}
	memset(&got, 0, sizeof got);
}

static void
read_with(const char *xml, size_t n, const extract_xml_map *map)
{
	extract_sink sink = { .document = take_document, .records = sink_no_records, .problem = take_problem };
	cdg_error err = { CDG_OK, "" };

	forget();
	assert_int_equal(sink_read(&sink, "f.xml", xml, n, 0, map, &err), CDG_OK);
}

static void
same(const char *what, buf *have, const char *want)
{
	if (want && strcmp(buf_cstr(have), want) != 0)
		fail_msg("%s:\n%s\nwant:\n%s", what, buf_cstr(have), want);
}

static void
is(const char *xml, const char *meta, const char *text, const char *sections)
{
	read_with(xml, strlen(xml), NULL);
	if (got.documents != 1)
		fail_msg("%u documents, %s", got.documents, got.problem);
	same("metadata", &got.meta[0], meta);
	same("text", &got.text[0], text);
	same("sections", &got.sections[0], sections);
}

static void
test_generic(void **state)
{
	(void)state;
	is("<r><title>T</title><p>One <b>two</b>, <i>three</i>.</p><p>Four</p></r>", "id=f.xml title=T",
	   "T\n\nOne two, three.\n\nFour", "");
	is("<r><aa>1</aa><bb>2</bb></r>", "id=f.xml title=f.xml", "1\n2", "");
	is("<r><x>Text <y>in</y> the <z>middle</z>.</x></r>", NULL, "Text in the middle.", NULL);
	is("<r><x><y>First</y> of a sentence.</x></r>", NULL, "First of a sentence.", NULL);
	is("<r><section><title>A</title><p>a</p><section><title>B</title><p>b</p></section></section></r>",
	   "id=f.xml title=A", "A\n\na\n\nB\n\nb", "1 section \"A\" A\n\na\n\n\n2 section \"B\" \n");
	is("<r><table><tr><td>1</td><td><p>2</p></td></tr><tr><td>3</td><td>4</td></tr></table></r>", NULL, "1\t2\n3\t4",
	   NULL);
	is("<r><p>a<footnote><p>the note</p></footnote> b</p><p>c</p></r>", NULL, "a b\n\nthe note\n\nc", NULL);
	is("<r><p><![CDATA[a < b]]> &amp; &lt;c&gt; &#228;&#x4e2d;</p></r>", NULL,
	   "a < b & <c> \xc3\xa4\xe4\xb8\xad", NULL);
	is("<r xml:lang='de'><p>&nbsp;x&auml;&nosuch;</p></r>", "id=f.xml title=f.xml lang=de",
	   "\xc2\xa0x\xc3\xa4&nosuch;", NULL);
}

static void
test_akoma_ntoso(void **state)
{
	(void)state;
	is("<akomaNtoso xmlns='http://docs.oasis-open.org/legaldocml/ns/akn/3.0'><act name='act'><meta><identification>"
	   "<FRBRWork><FRBRuri value='/akn/ke/act/2013/5'/><FRBRdate date='2013-02-01' name='g'/><FRBRcountry value='ke'/>"
	   "<FRBRnumber value='5'/></FRBRWork><FRBRExpression><FRBRdate date='2015-01-01' name='e'/>"
	   "<FRBRlanguage language='eng'/></FRBRExpression></identification></meta>"
	   "<preface><longTitle><p>An <docTitle>Act of Data</docTitle></p></longTitle></preface>"
	   "<body><part><num>Part II</num><heading>Rules</heading><article><num>Art. 5</num><heading>Rights</heading>"
	   "<paragraph><num>(1)</num><content><p>Everyone has <ref>rights</ref>.</p></content></paragraph>"
	   "<paragraph><num>(2)</num><list><intro><p>These are:</p></intro><point><num>(a)</num><content><p>one</p>"
	   "</content></point></list></paragraph></article></part></body></act></akomaNtoso>",
	   "id=f.xml title=Act of Data date=2013-02-01 lang=en identifier=/akn/ke/act/2013/5 jurisdiction=ke number=5",
	   "An Act of Data\n\nPart II Rules\n\nArt. 5 Rights\n\n(1) Everyone has rights.\n\n(2) These are:\n\n(a) one",
	   "1 part \"Part II Rules\" Part I\n2 article \"Art. 5 Rights\" Art. 5\n3 paragraph \"(1)\" (1) Ev\n"
	   "3 paragraph \"(2)\" (2) Th\n4 paragraph \"(a)\" (a) on\n");
	is("<akomaNtoso><debate><debateBody><debateSection><heading>Questions</heading><speech by='#a'><from>Ms A (X):</from>"
	   "<p>I ask.</p></speech><speech by='#b'><from>Mr B:</from><p>I say.</p></speech></debateSection></debateBody>"
	   "</debate></akomaNtoso>",
	   "id=f.xml title=Questions", "Questions\n\nMs A (X):\n\nI ask.\n\nMr B:\n\nI say.",
	   "1 section \"Questions\" Questi\n2 speaker \"Ms A (X):\" Ms A (\n2 speaker \"Mr B:\" Mr B:\n\n");
}

static void
test_united_states(void **state)
{
	(void)state;
	is("<uscDoc xmlns='http://xml.house.gov/schemas/uslm/1.0' xml:lang='en' identifier='/us/usc/t32'><meta>"
	   "<docNumber>32</docNumber><type>USCTitle</type><created>2025-03-03T05:24:56</created></meta><main><title>"
	   "<num>Title 32</num><heading>GUARD</heading><section><num>\xc2\xa7 101.</num><heading> Definitions</heading>"
	   "<subsection><num>(a)</num><heading> General.</heading><content> In this:</content></subsection>"
	   "<notes><note><heading>Amendments</heading><p>2004: none.</p></note></notes></section></title></main></uscDoc>",
	   "id=f.xml title=Title 32 GUARD date=2025-03-03 lang=en jurisdiction=us identifier=/us/usc/t32 number=32 type=USCTitle",
	   "Title 32 GUARD\n\n\xc2\xa7 101. Definitions\n\n(a) General. In this:\n\nAmendments\n\n2004: none.",
	   "1 part \"Title 32 GUARD\" Title \n2 section \"\xc2\xa7 101. Definitions\" \xc2\xa7 101\n3 paragraph \"(a) General.\" (a) Ge\n");
	is("<bill><metadata><dublinCore><dc:title xmlns:dc='x'>H.R. 1</dc:title><dc:date xmlns:dc='x'>2019-01-03</dc:date>"
	   "</dublinCore></metadata><form><legis-num>H. R. 1</legis-num><official-title>To expand access.</official-title></form>"
	   "<legis-body><section><enum>1.</enum><header>Short title</header><text>This Act may be cited as the <quote>"
	   "<short-title>X Act</short-title></quote>.</text></section></legis-body></bill>",
	   "id=f.xml title=To expand access. date=2019-01-03 jurisdiction=us number=H. R. 1",
	   "H. R. 1\nTo expand access.\n\n1. Short title\n\nThis Act may be cited as the X Act.",
	   "1 section \"1. Short title\" 1. Sho\n");
	is("<section xmlns='https://code.dccouncil.us/schemas/dc-library'><num>47-302</num><heading>Taxes</heading>"
	   "<para><num>(a)</num><text>First.</text></para></section>",
	   "id=f.xml title=47-302 Taxes publisher=Council of the District of Columbia jurisdiction=us-dc number=47-302",
	   "47-302 Taxes\n\n(a) First.", "1 section \"47-302 Taxes\" 47-302\n2 paragraph \"(a)\" (a) Fi\n");
}

static void
test_canada_germany(void **state)
{
	(void)state;
	is("<Statute xmlns:lims='http://justice.gc.ca/lims' lims:pit-date='2024-08-19' xml:lang='en'><Identification>"
	   "<LongTitle>An Act</LongTitle><ShortTitle>Fish Act</ShortTitle><Chapter><ConsolidatedNumber>F-12</ConsolidatedNumber>"
	   "</Chapter></Identification><Body><Heading level='1'><Label>PART I</Label><TitleText>Fish</TitleText></Heading>"
	   "<Section><MarginalNote>Short title</MarginalNote><Label>1</Label><Subsection><Label>(1)</Label><Text>Fish swim."
	   "</Text></Subsection></Section><Heading level='2'><TitleText>Nets</TitleText></Heading><Section><Label>2</Label>"
	   "<Text>No nets.</Text></Section></Body></Statute>",
	   "id=f.xml title=Fish Act date=2024-08-19 lang=en jurisdiction=ca number=F-12",
	   "An Act\nFish Act\n\nPART I Fish\n\nShort title\n\n1\n(1) Fish swim.\n\nNets\n\n2 No nets.",
	   "1 part \"PART I Fish\" PART I\n2 section \"1 Short title\" Short \n3 paragraph \"(1)\" (1) Fi\n"
	   "2 section \"Nets\" Nets\n\n\n3 section \"2\" 2 No n\n");
	is("<dokumente><norm><metadaten><jurabk>BDSG</jurabk><ausfertigung-datum manuell='ja'>2017-06-30</ausfertigung-datum>"
	   "<langue>Bundesdatenschutzgesetz</langue></metadaten></norm><norm><metadaten><jurabk>BDSG</jurabk>"
	   "<gliederungseinheit><gliederungskennzahl>010</gliederungskennzahl><gliederungsbez>Teil 1</gliederungsbez>"
	   "<gliederungstitel>Allgemeines</gliederungstitel></gliederungseinheit></metadaten></norm><norm><metadaten>"
	   "<jurabk>BDSG</jurabk><enbez>\xc2\xa7 1</enbez><titel>Anwendung</titel></metadaten><textdaten><text><Content>"
	   "<P>(1) Dieses Gesetz gilt.</P><DL><DT>1.</DT><DD><LA>hier</LA></DD></DL></Content></text></textdaten></norm></dokumente>",
	   "id=f.xml title=Bundesdatenschutzgesetz date=2017-06-30 lang=de jurisdiction=de number=BDSG",
	   "Bundesdatenschutzgesetz\n\nTeil 1\n\nAllgemeines\n\n\xc2\xa7 1\n\nAnwendung\n\n(1) Dieses Gesetz gilt.\n\n1. hier",
	   "1 part \"Teil 1 Allgemeines\" Teil 1\n2 article \"\xc2\xa7 1 Anwendung\" \xc2\xa7 1\n\n\n");
}

static void
test_others(void **state)
{
	(void)state;
	is("<FictionBook><description><title-info><genre>x</genre><author><first-name>A</first-name><last-name>B</last-name>"
	   "<email>e@x</email></author><book-title>Book</book-title><lang>fr</lang><date value='1999-02-03'>old</date>"
	   "</title-info></description><body><section><title><p>Un</p><p>deux</p></title><p>Texte.</p></section></body>"
	   "<binary id='i'>AAAA</binary></FictionBook>",
	   "id=f.xml title=Book date=1999-02-03 lang=fr subject=x author=A B", "Un deux\n\nTexte.",
	   "1 section \"Un deux\" Un deu\n");
	is("<TEI xmlns='http://www.tei-c.org/ns/1.0' xml:lang='en'><teiHeader><fileDesc><titleStmt><title>Debate</title></titleStmt>"
	   "</fileDesc><profileDesc><settingDesc><setting><date when='2020-05-06'/></setting></settingDesc></profileDesc>"
	   "</teiHeader><text><body><div><head>Opening</head><u who='#Jones'><seg>Hello.</seg><seg>Bye.</seg></u></div></body></text></TEI>",
	   "id=f.xml title=Debate date=2020-05-06 lang=en", "Opening\n\nHello.\n\nBye.",
	   "1 section \"Opening\" Openin\n2 speaker \"Jones\" Hello.\n");
	is("<article><front><article-meta><title-group><article-title>Cells</article-title></title-group><contrib-group>"
	   "<contrib contrib-type='author'><name><surname>Li</surname><given-names>A</given-names></name></contrib></contrib-group>"
	   "<pub-date><year>2011</year><month>4</month></pub-date></article-meta></front><body><sec><label>1</label><title>Intro</title>"
	   "<p>Text<xref>1</xref>.</p></sec></body></article>",
	   "id=f.xml title=Cells date=2011-04 author=Li A", "Cells\n\n1 Intro\n\nText1.", "1 section \"1 Intro\" 1 Intr\n");
	is("<ACT><BIB.INSTANCE><DATE ISO='20160427'>x</DATE><LG.DOC>EN</LG.DOC></BIB.INSTANCE><TITLE><TI><P>Regulation</P></TI></TITLE>"
	   "<ENACTING.TERMS><DIVISION><TITLE><TI><P>CHAPTER I</P></TI><STI><P>General</P></STI></TITLE><ARTICLE><TI.ART>Article 1"
	   "</TI.ART><STI.ART>Subject</STI.ART><PARAG><NO.PARAG>1.</NO.PARAG><ALINEA>Text.</ALINEA></PARAG></ARTICLE></DIVISION>"
	   "</ENACTING.TERMS></ACT>",
	   "id=f.xml title=Regulation date=2016-04-27 lang=EN jurisdiction=eu",
	   "Regulation\n\nCHAPTER I General\n\nArticle 1\n\nSubject\n\n1. Text.",
	   "1 chapter \"CHAPTER I General\" CHAPTE\n2 article \"Article 1 Subject\" Articl\n3 paragraph \"1.\" 1. Tex\n");
}

static void
test_many(void **state)
{
	static const char rss[] =
	    "<rss><channel><title>News</title><item><title>One</title><link>http://x.org/1</link><pubDate>Sat, 05 Jan 2013 12:00:00 +0100"
	    "</pubDate><description>&lt;p&gt;A &amp;amp; b&lt;/p&gt;</description></item><item><title>Two</title><guid>g2</guid>"
	    "<description><![CDATA[<b>C</b>]]></description></item></channel></rss>";

	(void)state;
	read_with(rss, sizeof rss - 1, NULL);
	assert_int_equal(got.documents, 2);
	same("first", &got.meta[0], "id=f.xml#1 title=One date=2013-01-05 url=http://x.org/1");
	same("first", &got.text[0], "One\n\nA & b");
	same("second", &got.meta[1], "id=f.xml#g2 title=Two");
	same("second", &got.text[1], "Two\n\nC");
}


/* ---- mappings of the user's own ------------------------------------------ */

static void
with_map(const char *map, const char *xml)
{
	cdg_error err = { CDG_OK, "" };
	extract_xml_map *m = extract_xml_map_load(map, strlen(map), &err);

	if (!m)
		fail_msg("%s", err.message);
	read_with(xml, strlen(xml), m);
	extract_xml_map_free(m);
}

static void
test_mapping(void **state)
{
	static const char map[] = "# comment\n[mine]\nroot: laws\nset: jurisdiction xx\nlaw = document\nlaw/@nr = id\nlaw/name = title\n"
				  "law/name = ignore\nlaw/made[@kind=\"in force\"] = date\nmade = ignore\nlaw/by = field author\nby = ignore\n"
				  "rule = section article label=@n\nrule//txt = block\nsecret = ignore\n";

	(void)state;
	with_map(map, "<laws><x>not this</x><law nr='7'><name>First</name><made>2001-01-01</made><made kind='in force'>2002-02-02</made>"
		      "<by>A</by><by>B</by><rule n='Art. 1'><d><txt>One.</txt></d><secret>no</secret></rule></law>"
		      "<law><name>Second</name><rule n='2'><txt>Two.</txt></rule></law></laws>");
	assert_int_equal(got.documents, 2);
	same("first", &got.meta[0], "id=f.xml#7 title=First date=2002-02-02 jurisdiction=xx author=A author=B");
	same("first", &got.text[0], "One.");
	same("first", &got.sections[0], "1 article \"Art. 1\" \n");
	same("second", &got.meta[1], "id=f.xml#2 title=Second jurisdiction=xx");
	/* the user's stands before those built in, and a name elsewhere is not one of it */
	with_map("[rss2]\nroot: rss\nchannel = section part\nchannel/title = label\n", "<rss><channel><title>T</title><q>x</q></channel></rss>");
	assert_int_equal(got.documents, 1);
	same("sections", &got.sections[0], "1 part \"T\" \n");
	with_map(map, "<laws/>");
	assert_int_equal(got.documents, 0);
	assert_non_null(strstr(got.problem, "mine"));
}

static void
test_bad_mapping(void **state)
{
	static const struct {
		const char *map, *why;
	} bad[] = { { "a = block\n", "line 1" },
		    { "[m]\n\na = frob\n", "line 3" },
		    { "[m]\na = section nosuchkind\n", "kind" },
		    { "[m]\na/@b = block\n", "attribute" },
		    { "[m]\na = field\n", "missing" },
		    { "[m]\na[b] = block\n", "condition" },
		    { "[m]\n/ = block\n", "line 2" },
		    { "[m]\na = rank 99\n", "1 to 31" },
		    { "[m]\n1/2/3/4/5/6/7/8/9 = block\n", "steps" },
		    { "[m\n", "line 1" },
		    { "[m]\nlike: other\n", "other" },
		    { "[m]\notherwise: section\n", "otherwise" },
		    { "[m]\nset: x\n", "set" },
		    { "[m]\nwhat is this\n", "line 2" } };

	(void)state;
	assert_non_null(xml_dialects());
	for (size_t i = 0; i < countof(bad); i++) {
		cdg_error err = { CDG_OK, "" };

		assert_null(extract_xml_map_load(bad[i].map, strlen(bad[i].map), &err));
		if (err.status != CDG_E_INPUT || !strstr(err.message, bad[i].why))
			fail_msg("%s: %s", bad[i].map, err.message);
	}
}

/* ---- harm ------------------------------------------------------------------ */

static void
test_entities(void **state)
{
	buf laughs;

	(void)state;
	buf_init(&laughs);
	buf_puts(&laughs, "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'lol'><!ENTITY small 'tiny'>");
	for (int i = 1; i < 12; i++)
		buf_printf(&laughs, "<!ENTITY l%d '&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;'>", i, i - 1, i - 1, i - 1, i - 1,
			   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	buf_puts(&laughs, "<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
			  "<r><p>&l11; &x; &small;</p></r>");
	read_with((const char *)laughs.p, laughs.len, NULL);
	buf_fini(&laughs);
	assert_int_equal(got.documents, 1);
	same("text", &got.text[0], "&l11; &x; tiny");
}

static void
test_broken(void **state)
{
	static const char nul[] = "<r><p>a\0b\x01 and then more text, that it is no binary file</p></r>", latin[] = "<?xml version='1.0' encoding='ISO-8859-1'?><r><p>Stra\xdf" "e</p></r>";
	static const char utf16[] = "\xff\xfe<\0r\0>\0a\0<\0/\0r\0>\0";

	(void)state;
	is("<r><p>one</p><p>two", NULL, "one\n\ntwo", NULL);
	assert_true(got.warning[0]);
	is("<r><p>one</q><p>two</r>", NULL, NULL, NULL);
	is("<akomaNtoso><act><meta><identification><FRBRWork><FRBRdate date='2013-13-45'/></FRBRWork></identification></meta><body><p>x</p></body></act></akomaNtoso>",
	   "id=f.xml title=f.xml", "x", NULL);
	assert_non_null(strstr(got.warning, "2013-13-45"));
	read_with(nul, sizeof nul - 1, NULL);
	same("text", &got.text[0], "a b and then more text, that it is no binary file");
	read_with(latin, sizeof latin - 1, NULL);
	same("text", &got.text[0], "Stra\xc3\x9f" "e");
	read_with(utf16, sizeof utf16 - 1, NULL);
	same("text", &got.text[0], "a");
	read_with("<?xml version='1.0'?> nothing", 29, NULL);
	assert_int_equal(got.problems, 1);
	read_with("<?xml version='1.0'?><svg><text>x</text></svg>", 46, NULL);
	assert_int_equal(got.skipped, 1);
}

static void
repeated(const char *before, const char *piece, size_t n, const char *after, const char *warning)
{
	clock_t from = clock();
	buf b;

	buf_init(&b);
	buf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, piece, (unsigned)i);
	buf_puts(&b, after);
	assert_false(b.failed);
	read_with((const char *)b.p, b.len, NULL);
	buf_fini(&b);
	assert_int_equal(got.documents + got.problems, 1);
	if (warning && !strstr(got.warning, warning) && !strstr(got.problem, warning))
		fail_msg("%s: %s, %s", piece, got.warning, got.problem);
	if ((clock() - from) / CLOCKS_PER_SEC >= 20)
		fail_msg("%s took too long", piece);
}

static void
test_hostile(void **state)
{
	(void)state;
	repeated("<r>", "<d>x%u", 1000000, "", "nested more");
	repeated("<r>", "<d%u>x", 1000000, "", "names of elements");
	repeated("<r>", "<d%u/>", 1000000, "</r>", "names of elements");
	repeated("<r ", "a%u='' ", 100000, ">x</r>", NULL);
	repeated("<r><p>a</p><q ", "a%u='' ", 100000, "/></r>", "attributes");
	repeated("<r a='", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%.0u", 500000, "'>x</r>", NULL);
	repeated("<!DOCTYPE r [<!ATTLIST r ", "a%u CDATA 'x' ", 1000, ">]><r>x</r>", "default");
	repeated("<akomaNtoso>", "<section><num>%u</num><paragraph>", 20000, "", NULL);
	repeated("<akomaNtoso>", "<section><num>%u</num><p>x</p></section>", 50000, "</akomaNtoso>", NULL);
	repeated("<r><p>", "<footnote>%.0u", 20000, "x", NULL);
	repeated("<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "<content type='html'>&lt;p&gt;%.0u", 20000, "x", NULL);
}

/* A file of every kind, cut at every length: nothing but a shorter text comes of it. */
static void
test_cut(void **state)
{
	static const char *const files[] = {
		"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'b'>]><r><!-- c --><?pi?><p k='v'>x &a; &#65; <![CDATA[y]]></p></r>",
		"<akomaNtoso><act><meta><x/></meta><body><section><num>1</num><heading>H</heading><p>t<authorialNote><p>n</p></authorialNote></p></section></body></act></akomaNtoso>",
		"<rss><channel><item><title>T</title><description>&lt;b&gt;c</description></item></channel></rss>",
	};

	(void)state;
	for (size_t i = 0; i < countof(files); i++)
		for (size_t n = 0; n <= strlen(files[i]); n++)
			read_with(files[i], n, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generic),	       cmocka_unit_test(test_akoma_ntoso),
		cmocka_unit_test(test_united_states),  cmocka_unit_test(test_canada_germany),
		cmocka_unit_test(test_others),	       cmocka_unit_test(test_many),
		cmocka_unit_test(test_mapping),	       cmocka_unit_test(test_bad_mapping),
		cmocka_unit_test(test_entities),       cmocka_unit_test(test_broken),
		cmocka_unit_test(test_hostile),	       cmocka_unit_test(test_cut),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	forget();
	return failed;
}
