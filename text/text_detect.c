/* text_detect.c - which language a document is in.
 *
 * First the script: Han, kana, Hangul, Thai, Greek and so on name a language at
 * once or leave two to choose from.  For Latin and Cyrillic the most frequent
 * words of each language vote, each with more weight the more frequent it is,
 * and letters that only some languages write vote too.  The words are hashed
 * into one table on first use, kept in the analyzer.  Two samples are read, from
 * the beginning and from further on, so that the cost does not grow with the
 * document.
 *
 * A short text may have no frequent word at all ("Rivers and lakes" has one).
 * If its letters are all ASCII and the little there is does not speak for
 * another language, it is taken for English: of all that could be done with it
 * this is the one by which "river" finds "rivers".
 */
#include "text/text_detect.h"

enum {
	SAMPLE = 2048,       /* bytes of each of the two samples */
	SECOND_AT = 16384,   /* the second is here, or at half of a shorter text */
	TABLE = 2048,        /* slots; a power of two, at most half used */
	LANGS = TEXT_LANG_COUNT_MAX,
	LETTERS = 0x560,     /* characters counted one by one */
	VOTES = 8,           /* tenths of a vote a word: 10 to 29 in a known language */
	VOTES_SCRIPT = 3,    /* where the script leaves only two or three */
	SHORT = 40           /* words: with fewer, few votes mean nothing */
};

typedef struct detect_slot {
	uint64_t key;
	uint8_t weight[LANGS];
} detect_slot;

struct text_detector {
	detect_slot slot[TABLE];
};

typedef struct detect_words {
	char code[3];
	const char *words; /* by frequency */
} detect_words;

static const detect_words detect_list[] = {
	{ "en", "the of and to in a or shall is for be that by any on with as not this was under are from "
		"which such may at an it has his were other have must who their been will" },
	{ "de", "der die und in den von zu das des mit dem nicht für ist auf im eine ein oder werden nach "
		"als auch sich an wird durch bei sind einer zur zum aus über hat dass wenn nur einen" },
	{ "fr", "de la le et les des l en à du d un une dans pour par est que qui au sur ou ne pas ce "
		"aux sont il avec cette être son sa ses leur qu se dont toute tout" },
	{ "es", "de la que el en y los del las a se por con un para una su al lo como o no es sus más "
		"este esta ha entre son cuando ser sobre sin toda persona tiene derecho" },
	{ "it", "di e il la che in a l del della per un una dei le è non si da i con alla sono delle nel "
		"al ed come o ad gli più dell ogni individuo essere anche dalla ha" },
	{ "pt", "de a que e o do da em os no um para com não uma na se por dos as ao das mais à como ou "
		"são é pelo pela nos direito toda pessoa ser às seu sua" },
	{ "nl", "de van het een en in is op te dat voor met die zijn aan niet door of bij als worden om er "
		"tot uit wordt ook dit deze naar hij heeft ieder recht onder" },
	{ "sv", "och i att av en som för den är till det med på om de ett har inte vid eller från skall "
		"ska var samt kan sin detta denna genom mot rätt envar" },
	{ "da", "og i af at til en er for der den det som på de med et har ikke skal om ved fra eller kan "
		"efter enhver ret være sin blev men også dette af" },
	{ "no", "og i av til en er for som det på å at med har de et den ikke skal om ved fra eller kan "
		"etter enhver rett være sin ble men også dette rettigheter hvis" },
	{ "fi", "ja on ei että se tai sen oli joka ovat jokaisella myös mukaan sekä kuin oikeus ole hän "
		"niiden voi tämän jos mutta tulee olla hänen kaikki hänellä joita" },
	{ "hu", "a az és hogy nem egy is vagy ez meg joga minden van csak mint el de ha személynek azt "
		"kell által szerint valamint amely illetve annak ennek senkit" },
	{ "ro", "de și şi în a la să cu care pe nu din este o al sau un prin pentru ale că se lui are "
		"dreptul persoană orice mai sa fi cel unei trebuie" },
	{ "tr", "ve bir bu için ile da de her olarak veya olan hakkı daha ise gibi sonra kadar çok "
		"ancak göre var vardır hiç ne kimse şahsın haiz olduğu" },
	{ "ca", "de la i que el a en les els del per amb un una no o és dels al se ha l d tota persona té "
		"dret seva com més són aquest aquesta ser pel" },
	{ "eu", "eta da ez du ere dira den bat izan beste bere edo dute egin egiteko gizon eskubidea "
		"hau dela dituzte baina izateko nahiz orok duten gabe" },
	{ "ga", "an na agus a ar i is do go le ag ní den nó gach aon atá chun sé bhí leis de ach duine "
		"maidir faoin alt cheart seo sa nach chuig" },
	{ "lt", "ir yra kad į ar iš su apie teisę turi kiekvienas taip bei kaip jo ne būti bet arba nuo "
		"tik dėl pagal šio po už žmogus tai visi" },
	{ "id", "dan yang di atau untuk dengan dari dalam tidak hak ini atas setiap pada orang oleh "
		"sebagai adalah itu akan karena berhak harus bahwa negara tersebut kepada" },
	{ "ms", "dan yang di atau untuk dengan dalam tidak hak ini atas setiap pada orang oleh adalah "
		"sebagai kepada daripada itu hendaklah bagi akan kerana mempunyai berhak tiap ia mana" },
	{ "pl", "i w do na z się o nie oraz lub jest prawo ma że od przez jego dla to za każdy po jako "
		"który są przy tym które ust art ze być" },
	{ "cs", "a v na se je že nebo o s z do by k jeho právo ve má není každý pro jako být podle od "
		"které který jsou aby při" },
	{ "sk", "a v na sa je alebo o s že z do právo má každý by so jeho pre ako nie vo byť podľa od "
		"ktoré ktorý sú aby pri nikto" },
	{ "sl", "in v je se na do ali pravico za ima da z so kot vsakdo iz pri ne svoje po s ki biti "
		"tudi od nihče bi kakor ter" },
	{ "hr", "i u na je da se pravo ili za na ima od svatko kao su koje koji s o ne iz njegove biti "
		"svoje svako bilo niti po što nitko" },
	{ "et", "ja on või ei igal et see õigus ka kui oma inimesel tema selle mis peab olema ning mille "
		"kes vastavalt võib keegi" },
	{ "lv", "un ir vai ar no tiesības uz par kas viņa to tiek ikvienam cilvēkam kā nedrīkst pie bez "
		"tā savu katram būt ja jābūt šo" },
	{ "mt", "u li ta fil tal għandu il l jew għal dan ma kull bħala hija huwa minn b id f dritt "
		"għandha ikun hu bniedem is" },
	{ "is", "og að í á er til um sem eða við með skal af því ekki rétt hver allir það sé þess hans "
		"maður fyrir manna eru frá þau" },
	{ "sq", "e të dhe në i për me një që nga nuk ka së ose është tij duhet drejtë kjo askush njeri "
		"gjithkush çdo si do por" },
	{ "cy", "yn y a i o yr ac hawl neu ar gan bawb ei ei hun cael fod mae wrth na eu hyn drwy gyfer "
		"unrhyw dylid bod nid" },
	{ "vi", "và của các có được người không trong cho là những một quyền với mọi này đều hay về để "
		"khi theo từ đã cũng do bị" },
	{ "ru", "и в на с не или по что как для имеет от право каждый его к это из о быть при он "
		"человек также его а она все которые" },
	{ "uk", "і в на та з не або що до має право кожна людина для від як за його при й бути у це "
		"про людини є які" },
	{ "bg", "и на да в за се от не има право с или по всеки са при е като което му че човек към "
		"трябва ще това" },
	{ "sr", "и у на је да се право или за има од свако као су које који с о не из његове бити "
		"своје било нити по што нико" },
	{ "mk", "и на да во се за право или од секој не со има како што е си по ќе врз без при "
		"никој сите тоа" },
	{ "be", "і ў на не або з да у мае права кожны чалавек для што па ад яго як пры гэта быць "
		"за павінна іх" },
	{ "ar", "في من على أن إلى أو كل لا التي عن هذا ما هذه شخص حق الحق له مع الذي كان بين ذلك" },
	{ "fa", "و در به از که را هر حق با این است يا یا برای شود آن بر خود کس تا باشد" },
	{ "ur", "کے اور کی کو میں ہے سے کا کہ یا ہر اس نہیں حق ہیں پر شخص جو نے کسی" },
	{ "he", "של את על כל לא או אדם זכות עם הוא זה כי גם אין בכל יש לכל מן" },
	{ "yi", "און די פֿון אין צו אַ דער האָט אױף ניט איז מיט וואָס פון" },
	{ "hi", "के और का में को की है से या किसी पर इस है भी कि अधिकार ने हैं एक" },
	{ "ne", "र को मा छ गर्ने वा लाई हुनेछ प्रत्येक भएको अधिकार हो छैन यो" },
};

/* Letters that speak for some languages and, by their absence elsewhere,
 * against the rest.  Weight in votes a letter. */
static const struct {
	uint32_t c;
	char codes[19];
} detect_letter[] = {
	{ 0xdf, "de" }, { 0xf1, "es" }, { 0xe3, "pt" }, { 0xf5, "pt et" }, { 0x142, "pl" },
	{ 0x17c, "pl mt" }, { 0x15b, "pl" }, { 0x119, "pl lt" }, { 0x105, "pl lt" }, { 0x144, "pl" },
	{ 0x159, "cs" }, { 0x16f, "cs" }, { 0x11b, "cs" }, { 0x13e, "sk" }, { 0xf4, "sk fr" },
	{ 0x151, "hu" }, { 0x171, "hu" }, { 0x11f, "tr" }, { 0x131, "tr" }, { 0x15f, "tr ro" },
	{ 0x103, "ro vi" }, { 0x163, "ro" }, { 0x21b, "ro" }, { 0x219, "ro" },
	{ 0xe5, "sv da no" }, { 0xf8, "da no" }, { 0xe6, "da no is" }, { 0xf0, "is" },
	{ 0xfe, "is" }, { 0x101, "lv" }, { 0x113, "lv" }, { 0x12b, "lv" }, { 0x13c, "lv" },
	{ 0x146, "lv" }, { 0x137, "lv" }, { 0x117, "lt" }, { 0x173, "lt" }, { 0x12f, "lt" },
	{ 0x127, "mt" }, { 0x121, "mt" }, { 0x10b, "mt" }, { 0x10d, "cs sk sl hr lt lv" },
	{ 0x161, "cs sk sl hr lt lv" }, { 0x17e, "cs sk sl hr lt lv" }, { 0x107, "hr pl" },
	{ 0x111, "vi hr" }, { 0x1b0, "vi" }, { 0x1a1, "vi" }, { 0xeb, "sq nl" },
	{ 0xe4, "de sv fi et sk" }, { 0xf6, "de sv fi et tr hu" }, { 0xfc, "de tr hu et" },
	{ 0xe7, "fr pt ca tr sq" }, { 0xe8, "fr it ca" }, { 0xea, "fr pt cy" },
	{ 0x456, "uk be" }, { 0x457, "uk" }, { 0x454, "uk" }, { 0x491, "uk" }, { 0x45e, "be" },
	{ 0x44b, "ru be" }, { 0x44d, "ru be" }, { 0x451, "ru be" }, { 0x44a, "bg" },
	{ 0x458, "sr mk" }, { 0x459, "sr mk" }, { 0x45a, "sr mk" }, { 0x452, "sr" }, { 0x45b, "sr" },
	{ 0x45f, "sr mk" }, { 0x453, "mk" }, { 0x45c, "mk" }, { 0x455, "mk" },
};

/* Scripts that decide or nearly so.  A run of code points and what it is. */
typedef enum detect_script {
	SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_CYRILLIC, SCRIPT_HAN, SCRIPT_KANA, SCRIPT_HANGUL,
	SCRIPT_THAI, SCRIPT_LAO, SCRIPT_MYANMAR, SCRIPT_KHMER, SCRIPT_GREEK, SCRIPT_ARMENIAN,
	SCRIPT_HEBREW, SCRIPT_ARABIC, SCRIPT_DEVANAGARI, SCRIPT_BENGALI, SCRIPT_TAMIL,
	SCRIPT_GEORGIAN, SCRIPTS
} detect_script;

static const struct {
	uint32_t first, last;
	detect_script script;
} detect_range[] = {
	{ 0xc0, 0x24f, SCRIPT_LATIN }, { 0x370, 0x3ff, SCRIPT_GREEK }, { 0x400, 0x52f, SCRIPT_CYRILLIC },
	{ 0x531, 0x587, SCRIPT_ARMENIAN }, { 0x5d0, 0x5f2, SCRIPT_HEBREW },
	{ 0x620, 0x6d3, SCRIPT_ARABIC }, { 0x900, 0x97f, SCRIPT_DEVANAGARI },
	{ 0x980, 0x9ff, SCRIPT_BENGALI }, { 0xb80, 0xbff, SCRIPT_TAMIL },
	{ 0xe00, 0xe7f, SCRIPT_THAI }, { 0xe80, 0xeff, SCRIPT_LAO }, { 0x1000, 0x109f, SCRIPT_MYANMAR },
	{ 0x10a0, 0x10ff, SCRIPT_GEORGIAN }, { 0x1780, 0x17ff, SCRIPT_KHMER },
	{ 0x1e00, 0x1eff, SCRIPT_LATIN }, { 0x1f00, 0x1fff, SCRIPT_GREEK },
	{ 0x3040, 0x30ff, SCRIPT_KANA }, { 0x3400, 0x9fff, SCRIPT_HAN },
	{ 0xac00, 0xd7a3, SCRIPT_HANGUL }, { 0xf900, 0xfaff, SCRIPT_HAN },
	{ 0xfb50, 0xfefc, SCRIPT_ARABIC }, { 0xff66, 0xff9f, SCRIPT_KANA },
	{ 0x20000, 0x3ffff, SCRIPT_HAN },
};

/* What a script means when it is enough by itself; "" when words decide. */
static const char detect_script_code[SCRIPTS][3] = {
	[SCRIPT_HAN] = "zh", [SCRIPT_KANA] = "ja", [SCRIPT_HANGUL] = "ko", [SCRIPT_THAI] = "th",
	[SCRIPT_LAO] = "lo", [SCRIPT_MYANMAR] = "my", [SCRIPT_KHMER] = "km", [SCRIPT_GREEK] = "el",
	[SCRIPT_ARMENIAN] = "hy", [SCRIPT_BENGALI] = "bn", [SCRIPT_TAMIL] = "ta",
	[SCRIPT_GEORGIAN] = "ka", [SCRIPT_HEBREW] = "he", [SCRIPT_ARABIC] = "ar",
	[SCRIPT_DEVANAGARI] = "hi",
};

typedef struct detect_state {
	const text_detector *table;
	uint32_t score[LANGS];
	uint32_t words;
	uint32_t hits; /* words of two letters or more that are in the lists */
	uint32_t script[SCRIPTS];
	uint32_t ascii; /* letters; script[SCRIPT_LATIN] has them too */
	uint16_t letter[LETTERS];
	detect_script last; /* of the character before: scripts come in runs */
	uint32_t first_of_last, last_of_last;
} detect_state;

#define DETECT_SEED 0xcbf29ce484222325u
#define DETECT_PRIME 0x100000001b3u

CDG_INLINE uint64_t
detect_mix(uint64_t h, uint32_t c)
{
	return (h ^ c) * DETECT_PRIME;
}

CDG_INLINE size_t
detect_home(uint64_t key)
{
	return (size_t)(key ^ key >> 29) & (TABLE - 1);
}

static const detect_slot *
detect_find(const text_detector *d, uint64_t key)
{
	size_t i = detect_home(key);

	while (d->slot[i].key && d->slot[i].key != key)
		i = (i + 1) & (TABLE - 1);
	return d->slot[i].key ? &d->slot[i] : NULL;
}

static void
detect_insert(text_detector *d, uint64_t key, text_lang lang, uint8_t weight)
{
	size_t i = detect_home(key);

	while (d->slot[i].key && d->slot[i].key != key)
		i = (i + 1) & (TABLE - 1);
	d->slot[i].key = key;
	if (d->slot[i].weight[lang] < weight)
		d->slot[i].weight[lang] = weight;
}

static void
detect_insert_list(text_detector *d, const detect_words *list)
{
	const char *p = list->words, *end = p + strlen(p);
	text_lang lang = text_lang_id(list->code, 2);
	unsigned rank = 0;

	while (p < end) {
		uint8_t weight = rank < 4 ? 5 : rank < 10 ? 4 : rank < 20 ? 3 : 2;
		uint64_t h = DETECT_SEED;
		const char *word = p;

		while (p < end && *p != ' ')
			h = detect_mix(h, text_decode(&p, end));
		/* one letter alone is a word in half the languages of the world */
		detect_insert(d, h, lang, p - word == 1 ? 2 : weight);
		p += p < end;
		rank++;
	}
}

static text_detector *
detect_table(void)
{
	text_detector *d = mem_calloc(1, sizeof *d);
	size_t i;

	for (i = 0; d && i < countof(detect_list); i++)
		detect_insert_list(d, &detect_list[i]);
	return d;
}

void
text_detector_free(text_detector *d)
{
	mem_free(d);
}

/* Script of a character that is not ASCII; NONE for what is no letter. */
static detect_script
detect_script_of(detect_state *ds, uint32_t c)
{
	size_t lo = 0, hi = countof(detect_range);

	if (c >= ds->first_of_last && c <= ds->last_of_last)
		return ds->last;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (c > detect_range[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == countof(detect_range) || c < detect_range[lo].first || c == 0xd7 || c == 0xf7)
		return SCRIPT_NONE;
	ds->first_of_last = detect_range[lo].first;
	ds->last_of_last = detect_range[lo].last;
	return ds->last = detect_range[lo].script;
}

static void
detect_word(detect_state *ds, uint64_t h, uint32_t letters)
{
	const detect_slot *slot = detect_find(ds->table, h);
	size_t i;

	ds->words++;
	if (!slot)
		return;
	ds->hits += letters > 1;
	for (i = 0; i < LANGS; i++)
		ds->score[i] += slot->weight[i];
}

/* Lower case where it is simple; the words of the lists need no more. */
CDG_INLINE uint32_t
detect_lower(uint32_t c)
{
	if (c < 0xc0)
		return c;
	if (c <= 0xde || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	return c >= 0x100 && c < 0x138 ? c | 1 : c;
}

static void
detect_sample(detect_state *ds, const char *s, const char *end)
{
	uint64_t h = DETECT_SEED;
	uint32_t ascii = 0, letters = 0;

	while (s < end) {
		uint32_t c = (uint8_t)*s;

		if (c < 0x80) {
			s++;
			c |= 0x20;
			if (c - 'a' < 26u) {
				ascii++;
				letters++;
				h = detect_mix(h, c);
				continue;
			}
		} else {
			detect_script script;

			uint32_t len;

			c = text_decode_inline((const uint8_t *)s, (const uint8_t *)end, &len);
			c = detect_lower(c);
			s += len;
			if (c >= 0x300 && c < 0x370) { /* marks belong to the word */
				h = detect_mix(h, c);
				continue;
			}
			script = detect_script_of(ds, c);
			ds->script[script]++;
			if (script) {
				if (c < LETTERS)
					ds->letter[c]++;
				letters++;
				h = detect_mix(h, c);
				continue;
			}
			if ((c >= 0x5b0 && c < 0x5d0) || c == 0x200c) {
				h = detect_mix(h, c);
				continue;
			}
		}
		if (letters)
			detect_word(ds, h, letters);
		letters = 0;
		h = DETECT_SEED;
	}
	if (letters)
		detect_word(ds, h, letters);
	ds->script[SCRIPT_LATIN] += ascii;
	ds->ascii += ascii;
}

static void
detect_letters(detect_state *ds)
{
	size_t i;

	for (i = 0; i < countof(detect_letter); i++) {
		uint32_t c = detect_letter[i].c, n = ds->letter[c < LETTERS ? c : 0];
		const char *p = detect_letter[i].codes;

		if (!n || c >= LETTERS)
			continue;
		for (; *p; p += p[2] ? 3 : 2)
			ds->score[text_lang_id(p, 2)] += 2 * n;
	}
}

/* The language with most votes, when there are enough: `tenths` of a vote for
 * each word of the text. */
static text_lang
detect_vote(const detect_state *ds, uint32_t tenths)
{
	uint32_t best = 0, second = 0;
	text_lang lang = TEXT_LANG_NONE;
	unsigned i;

	for (i = 1; i < text_lang_count(); i++) {
		if (ds->score[i] > best) {
			second = best;
			best = ds->score[i];
			lang = (text_lang)i;
		} else if (ds->score[i] > second) {
			second = ds->score[i];
		}
	}
	if (best < 6 || ds->hits < 2 || best * 10 < ds->words * VOTES_SCRIPT)
		return TEXT_LANG_NONE;
	/* lists and headings have few such words, but all of one language */
	if (best * 10 < ds->words * tenths && best * 2 < second * 5)
		return TEXT_LANG_NONE;
	if (ds->words < 20 && best * 2 < second * 3)
		return TEXT_LANG_NONE;
	return lang;
}

/* No language has enough votes.  English, if the text is short, has ASCII letters
 * only, and no other language has more than twice as many votes. */
static text_lang
detect_short(const detect_state *ds)
{
	uint32_t best = 0;

	if (ds->words >= SHORT)
		return TEXT_LANG_NONE;
	for (unsigned i = SCRIPT_LATIN; i < SCRIPTS; i++)
		if (ds->script[i] != (i == SCRIPT_LATIN ? ds->ascii : 0))
			return TEXT_LANG_NONE;
	for (unsigned i = 1; i < text_lang_count(); i++)
		best = max_u32(best, ds->score[i]);
	return best <= 2 * ds->score[TEXT_LANG_EN] ? TEXT_LANG_EN : TEXT_LANG_NONE;
}

/* The most used script; a character of the scripts that write a word with one
 * or two counts for as much as a few letters. */
static detect_script
detect_main_script(detect_state *ds)
{
	detect_script best = SCRIPT_NONE, i;
	uint32_t most = 0;

	if (ds->script[SCRIPT_KANA] * 12 > ds->script[SCRIPT_HAN])
		ds->script[SCRIPT_KANA] += ds->script[SCRIPT_HAN];
	ds->script[SCRIPT_HAN] *= 3;
	ds->script[SCRIPT_KANA] *= 3;
	ds->script[SCRIPT_HANGUL] *= 2;
	for (i = SCRIPT_LATIN; i < SCRIPTS; i++) {
		if (ds->script[i] > most) {
			most = ds->script[i];
			best = i;
		}
	}
	return most >= 3 ? best : SCRIPT_NONE;
}

text_lang
text_detect(text_analyzer *an, const char *s, size_t n)
{
	detect_state ds = { 0 };
	detect_script script;
	text_lang lang;

	if (!an->detector)
		an->detector = detect_table();
	if (!an->detector)
		return TEXT_LANG_NONE;
	ds.table = an->detector;
	ds.first_of_last = 1;
	detect_sample(&ds, s, s + min_size(n, n < 2 * SAMPLE ? n : SAMPLE));
	if (n >= 2 * SAMPLE) {
		size_t at = min_size(n / 2, SECOND_AT);
		detect_sample(&ds, s + at, s + min_size(n, at + SAMPLE));
	}
	script = detect_main_script(&ds);
	if (script == SCRIPT_NONE)
		return TEXT_LANG_NONE;
	detect_letters(&ds);
	if (script == SCRIPT_LATIN || script == SCRIPT_CYRILLIC) {
		lang = detect_vote(&ds, VOTES);
		return lang || script == SCRIPT_CYRILLIC ? lang : detect_short(&ds);
	}
	if (script >= SCRIPT_HEBREW && script <= SCRIPT_DEVANAGARI) {
		lang = detect_vote(&ds, VOTES_SCRIPT);
		if (lang)
			return lang;
	}
	return text_lang_id(detect_script_code[script], 2);
}
