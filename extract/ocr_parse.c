/* ocr_parse.c - see ocr.h: a line as the words of a command. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* secure_getenv */
#endif
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract/ocr.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The word at *at without its quotes, into to; false: a quote is not closed. */
static bool
take_word(const char **at, char *to)
{
	const char *p = *at;
	char quote = 0;

	for (; *p && (quote || !is_space(*p)); p++) {
		if (*p == '\\' && quote != '\'' && p[1])
			*to++ = *++p;
		else if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? 0 : *p;
		else
			*to++ = *p;
	}
	*to = 0;
	*at = p;
	return !quote;
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Where the shell would find it; NULL: nowhere. */
static const char *
find_program(arena *mem, const char *name)
{
	const char *path = secure_getenv("PATH");
	char found[PATH_MAX];

	if (strchr(name, '/'))
		return is_program(name) ? name : NULL;
	while (path && *path) {
		size_t n = strcspn(path, ":");
		int len = snprintf(found, sizeof found, "%.*s/%s", (int)n, path, name);

		if (n && len > 0 && (size_t)len < sizeof found && is_program(found))
			return arena_strndup(mem, found, (size_t)len);
		path += n + (path[n] == ':');
	}
	return NULL;
}

cdg_status
ocr_parse(arena *mem, const char *line, ocr_options *out, cdg_error *err)
{
	char *room = arena_alloc(mem, strlen(line) + 1);
	size_t n = 0;
	bool placed = false;

	if (!room)
		return err_nomem(err);
	for (;;) {
		while (is_space(*line))
			line++;
		if (!*line)
			break;
		if (n == OCR_WORDS - 2)
			return err_set(err, CDG_E_ARG, "a command of more than %d words: make a script of it", OCR_WORDS - 2);
		if (!take_word(&line, room))
			return err_set(err, CDG_E_ARG, "a quote in the command is not closed");
		placed |= strcmp(room, "{}") == 0;
		out->words[n++] = room;
		room += strlen(room) + 1;
	}
	if (!n || !*out->words[0] || strcmp(out->words[0], "{}") == 0)
		return err_set(err, CDG_E_ARG, "there is no program in the command");
	if (!placed)
		out->words[n++] = "{}";
	out->words[n] = NULL;
	out->program = find_program(mem, out->words[0]);
	if (mem->failed)
		return err_nomem(err);
	return out->program ? CDG_OK : err_set(err, CDG_E_NOTFOUND, "there is no program %.300s to run", out->words[0]);
}
