/* search.c - the memory of a search_result. */
#include "query/search.h"

#include <stdio.h>

#include "base/date.h"

void
search_result_fini(search_result *r)
{
	for (size_t i = 0; i < r->nfacets; i++) {
		for (size_t j = 0; j < r->facets[i].n; j++)
			mem_free(r->facets[i].values[j].value);
		mem_free(r->facets[i].values);
	}
	mem_free(r->facets);
	for (size_t i = 0; i < r->nwarnings; i++)
		mem_free(r->warnings[i]);
	mem_free(r->warnings);
	mem_free(r->hits);
	memset(r, 0, sizeof *r);
}

search_span *
search_copy(const search_span *spans, size_t n)
{
	search_span *copy = mem_alloc((n + 1) * sizeof *copy);

	if (copy && n)
		memcpy(copy, spans, n * sizeof *copy);
	return copy;
}

size_t
search_join(search_span *spans, size_t n, uint32_t from)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (spans[i].start < from)
			continue;
		if (k && spans[i].start < spans[k - 1].end)
			spans[k - 1].end = spans[k - 1].end > spans[i].end ? spans[k - 1].end : spans[i].end;
		else
			spans[k++] = spans[i];
	}
	return k;
}

size_t
search_period(int32_t day, uint8_t precision, facet_period period, char *out)
{
	uint8_t most = period == FACET_YEAR ? DATE_YEAR : DATE_MONTH;

	return date_format((cal_date){ day, precision < most ? precision : most }, out);
}

facet_request
search_facet(const facet_request *fr, bool has_field)
{
	facet_request out = *fr;

	if (fr->bare && has_field)
		out.period = FACET_VALUES;
	else if (fr->bare)
		out.field = "date";
	return out;
}

void
search_warn(search_result *r, const char *fmt, ...)
{
	char text[512], *copy, **more;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < r->nwarnings; i++)
		if (!strcmp(r->warnings[i], text))
			return;
	copy = mem_strdup(text);
	more = copy ? mem_realloc(r->warnings, (r->nwarnings + 1) * sizeof *more) : NULL;
	if (!more) {
		mem_free(copy);
		return;
	}
	r->warnings = more;
	r->warnings[r->nwarnings++] = copy;
}
