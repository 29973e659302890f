/* mirror.h - the address a file of a mirrored site came from, by its path.  Pure. */
#ifndef EXTRACT_MIRROR_H
#define EXTRACT_MIRROR_H

#include "base/buf.h"

/* *out (emptied first, NUL-terminated): the URL of the file at `path`, which is relative to
 * the mirrored folder.  base: the URL of that folder; NULL: the first folder is a host, as
 * `wget -r` makes it (behind a folder http or https, of --protocol-directories; https is
 * taken where there is none).  False: the path does not say, or memory is out (out->failed).
 *
 * index.html is the folder itself; .html that --adjust-extension has put behind a query or
 * the name of a script goes; what cannot stand in a URL is written as %XX. */
bool mirror_url(const char *base, const char *path, buf *out);

#endif
