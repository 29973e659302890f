/* file.h - the only place that touches the file system for the index: paths,
 * mapping, whole-file reads, atomic replacement, locks, directory listing.
 * Every function says in cdg_error what it did to which path.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

/* dir + "/" + name into out; CDG_E_LIMIT if it does not fit. */
cdg_status file_join(char *out, size_t cap, const char *dir, const char *name, cdg_error *err);

bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* Create a directory and its parents; fine if it is there. */
cdg_status file_mkdirs(const char *path, cdg_error *err);

/* A read-only mapping of a whole file.  An empty file maps to len 0, at NULL.
 * CDG_E_NOTFOUND if it is not there. */
typedef struct file_map {
	const uint8_t *at;
	size_t len;
} file_map;
cdg_status file_map_open(const char *path, file_map *out, cdg_error *err);
void file_map_close(file_map *m);

/* The whole file appended to out; CDG_E_NOTFOUND if absent, CDG_E_LIMIT past max. */
cdg_status file_read(const char *path, size_t max, buf *out, cdg_error *err);

/* Replace path by these bytes: write path.tmp, fsync it, rename, fsync the
 * folder.  After a crash path is the old or the new, never a mix. */
cdg_status file_replace(const char *path, const void *p, size_t n, cdg_error *err);

/* Let the system begin to write what it holds of a file to the disk, so that a later
 * fsync has less to wait for.  A hint: it does not wait and cannot fail. */
void file_begin_sync(int fd);

/* Write all n bytes to fd, over interrupted and short writes. */
cdg_status file_write_fd(int fd, const void *p, size_t n, const char *path, cdg_error *err);
cdg_status file_sync_dir(const char *path, cdg_error *err);
/* Unlink, fine if absent. */
cdg_status file_unlink(const char *path, cdg_error *err);

/* Advisory lock on a file that is created if needed and never deleted.
 * CDG_E_BUSY if another process or handle has it. */
cdg_status file_lock(const char *path, int *fd, cdg_error *err);
void file_unlock(int fd);

/* Names in a folder, sorted by bytes, without . and ..; free with file_list_free. */
cdg_status file_list(const char *path, char ***names, size_t *n, cdg_error *err);
void file_list_free(char **names, size_t n);

/* Nanoseconds of a monotonic clock. */
uint64_t clock_ns(void);

#endif
