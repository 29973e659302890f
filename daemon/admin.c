/* admin.c - for those who run the server: is it well, and its figures. */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/metrics.h"
#include "daemon/site.h"

void
answer_health(web_call *c)
{
	bool good = true;
	buf list;

	buf_init(&list);
	for (size_t i = 0; i < site_count(c->site); i++) {
		site_index *x = site_at(c->site, i);
		const cdg_index *index = site_take(x, NULL);
		cdg_error err;

		buf_puts(&list, i ? ",{\"name\":" : "{\"name\":");
		api_put_json(&list, site_name(x), strlen(site_name(x)));
		buf_printf(&list, ",\"serving\":%s", index ? "true" : "false");
		if (index)
			buf_printf(&list, ",\"documents\":%llu,\"generation\":%llu", (unsigned long long)cdg_index_documents(index),
				   (unsigned long long)cdg_index_generation(index));
		/* what is wrong is named by its number alone: the text has paths of the machine */
		if (site_error(x, &err) != CDG_OK) {
			buf_printf(&list, ",\"code\":%d,\"error\":\"%s\"", (int)err.status, cdg_status_name(err.status));
			good = false;
		}
		buf_puts(&list, "}");
		site_give(x, index);
	}
	c->status = good ? 200 : 503;
	c->type = "application/json";
	buf_printf(&c->out, "{\"status\":\"%s\",\"version\":\"%s\",\"indexes\":[", good ? "ok" : "degraded", cdg_version());
	buf_put(&c->out, list.p, list.len);
	buf_puts(&c->out, "]}\n");
	c->out.failed |= list.failed;
	buf_fini(&list);
	web_head(c, "Cache-Control", "no-store");
}

void
answer_metrics(web_call *c)
{
	c->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(c, &c->out);
	web_head(c, "Cache-Control", "no-store");
}
