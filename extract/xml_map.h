/* xml_map.h - what the elements of a kind of XML mean, told by lines of text: the
 * language of docs/formats/xml.md, in which the kinds that are built in are written too.
 *
 * A mapping is read once and does not change: any thread may use it.
 */
#ifndef EXTRACT_XML_MAP_H
#define EXTRACT_XML_MAP_H

#include "base/buf.h"
#include "base/err.h"

enum { EXTRACT_XML_MAP_MAX = 256 << 10 }; /* bytes of a text of mappings */

enum { XML_STEPS = 8, XML_BUCKETS = 64, XML_CONDITIONS = 64 };

typedef enum xml_action {
	/* layout: the first rule that fits says it */
	XML_AUTO,   /* a line of its own, unless in the middle of text */
	XML_INLINE, /* nothing */
	XML_BLOCK,
	XML_LINE,
	XML_CELL,
	XML_PRE,
	XML_IGNORE,
	XML_SECTION,
	XML_HEADING, /* the section that begins here ends with the next of its rank */
	XML_MARK,    /* what follows is on the same line */
	XML_NOTE,    /* moved behind the paragraph */
	XML_NUMBER,  /* goes to the front of the section's label, and what follows is on the same line */
	XML_LABEL,
	XML_DOCUMENT,
	/* what is known of the document: all rules that fit */
	XML_META,
	XML_ID = XML_META,
	XML_TITLE,
	XML_DATE,
	XML_YEAR,
	XML_MONTH,
	XML_DAY,
	XML_LANG,
	XML_URL,
	XML_FIELD,
	XML_RANK, /* the length of its text is the rank of the next heading */
	XML_ACTIONS
} xml_action;

typedef struct xml_step {
	const char *name; /* of an element; NULL: any */
	bool below;       /* any number of elements between this one and the one above it */
	uint8_t condition; /* 1 + its number; 0: none */
} xml_step;

/* An attribute that an element has to have, with this value (NULL: any). */
typedef struct xml_condition {
	const char *element; /* NULL: any */
	const char *name, *value;
} xml_condition;

typedef struct xml_rule {
	struct xml_rule *next;       /* of its bucket */
	uint16_t order;              /* among all rules of the text */
	uint8_t action;              /* xml_action */
	uint8_t nsteps;
	bool anchored;               /* the first step is the root */
	bool run_in;                 /* label: what follows stands on its line */
	bool html;                   /* the text is itself HTML */
	uint8_t rank;                /* 0: one more than what is around; XML_RANK: letters a rank */
	xml_step steps[XML_STEPS]; /* last first */
	const char *attribute;       /* the value is that of an attribute; NULL: the text */
	bool kind_from_label;
	const char *kind;            /* section, heading: static word of engine/kind.h */
	const char *rank_from, *label_from; /* attributes */
	const char *field;           /* of a field */
} xml_rule;

typedef struct xml_constant {
	struct xml_constant *next;
	const char *field, *value;
} xml_constant;

typedef struct xml_map {
	struct xml_map *next;
	const char *name;
	const char **roots; /* NULL-terminated; NULL: none */
	const char *ns;     /* is somewhere in the root's namespace; NULL: any */
	const char *like_name;
	const struct xml_map *like; /* whose rules come behind its own; NULL: none */
	uint8_t otherwise;  /* xml_action of elements without a rule */
	bool has_documents; /* some rule says so */
	xml_rule *bucket[XML_BUCKETS], *any;
	xml_constant *constants;
	xml_condition conditions[XML_CONDITIONS];
	size_t nconditions;
} xml_map;

typedef struct extract_xml_map extract_xml_map;

/* Reads mappings; NULL: err says in which line what is wrong ("line N: ..."). */
extract_xml_map *extract_xml_map_load(const char *text, size_t n, cdg_error *err);
/* The text of a file of mappings, which is tried; CDG_E_INPUT: "PATH:LINE: what is wrong". */
cdg_status extract_xml_map_read(const char *path, buf *text, cdg_error *err);
void extract_xml_map_free(extract_xml_map *maps);
/* The mapping for a root element (ns may be NULL); NULL: there is none. */
const xml_map *extract_xml_map_find(const extract_xml_map *maps, const char *root, const char *ns);
/* The mapping of that name; NULL: there is none. */
const xml_map *extract_xml_map_named(const extract_xml_map *maps, const char *name);

CDG_INLINE const xml_rule *
xml_map_rules(const xml_map *map, const char *name, size_t n)
{
	return map->bucket[((unsigned char)name[0] * 5u + (unsigned char)name[n - 1] + n) % XML_BUCKETS];
}

#endif
