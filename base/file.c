/* file.c - see file.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

cdg_status
file_join(char *out, size_t cap, const char *dir, const char *name, cdg_error *err)
{
	int n = snprintf(out, cap, "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= cap)
		return err_set(err, CDG_E_LIMIT, "path too long: %s/%s", dir, name);
	return CDG_OK;
}

bool
file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool
file_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

cdg_status
file_mkdirs(const char *path, cdg_error *err)
{
	char *copy = mem_strdup(path);
	cdg_status st = CDG_OK;

	if (!copy)
		return err_nomem(err);
	for (char *p = copy + 1;; p++) {
		char c = *p;
		if (c != '/' && c != 0)
			continue;
		*p = 0;
		if (mkdir(copy, 0777) != 0 && errno != EEXIST && !file_is_dir(copy)) {
			st = err_errno(err, "create folder", copy);
			break;
		}
		*p = c;
		if (!c)
			break;
	}
	if (st == CDG_OK && !file_is_dir(path))
		st = err_set(err, CDG_E_IO, "%s is not a folder", path);
	mem_free(copy);
	return st;
}

static cdg_status
file_open_read(const char *path, int *fd, struct stat *sb, cdg_error *err)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return err_set(err, CDG_E_NOTFOUND, "no such file: %s", path);
		return err_errno(err, "open", path);
	}
	if (fstat(*fd, sb) != 0 || !S_ISREG(sb->st_mode)) {
		close(*fd);
		return err_set(err, CDG_E_IO, "%s is not a regular file", path);
	}
	return CDG_OK;
}

cdg_status
file_map_open(const char *path, file_map *out, cdg_error *err)
{
	struct stat sb;
	int fd;
	void *p;

	memset(out, 0, sizeof *out);
	CDG_TRY(file_open_read(path, &fd, &sb, err));
	if (sb.st_size == 0) {
		close(fd);
		return CDG_OK;
	}
	p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return err_errno(err, "map", path);
	out->at = p;
	out->len = (size_t)sb.st_size;
	return CDG_OK;
}

void
file_map_close(file_map *m)
{
	if (m->at)
		munmap((void *)(uintptr_t)m->at, m->len);
	memset(m, 0, sizeof *m);
}

cdg_status
file_read(const char *path, size_t max, buf *out, cdg_error *err)
{
	struct stat sb;
	int fd;
	cdg_status st = CDG_OK;

	CDG_TRY(file_open_read(path, &fd, &sb, err));
	for (;;) {
		ssize_t n;
		if (!buf_reserve(out, 65536)) {
			st = err_nomem(err);
			break;
		}
		n = read(fd, out->p + out->len, out->cap - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			st = err_errno(err, "read", path);
			break;
		}
		if (n == 0)
			break;
		out->len += (size_t)n;
		if (out->len > max) {
			st = err_set(err, CDG_E_LIMIT, "%s is larger than %zu bytes", path, max);
			break;
		}
	}
	close(fd);
	return st;
}

cdg_status
file_write_fd(int fd, const void *p, size_t n, const char *path, cdg_error *err)
{
	const char *at = p;
	while (n) {
		ssize_t w = write(fd, at, n > (1u << 30) ? (1u << 30) : n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_errno(err, "write", path);
		at += w;
		n -= (size_t)w;
	}
	return CDG_OK;
}

void
file_begin_sync(int fd)
{
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

cdg_status
file_sync_dir(const char *path, cdg_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;
	if (fd < 0)
		return err_errno(err, "open folder", path);
	rc = fsync(fd);
	close(fd);
	if (rc != 0 && errno != EINVAL)
		return err_errno(err, "sync folder", path);
	return CDG_OK;
}

static cdg_status
file_sync_parent(const char *path, cdg_error *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : mem_strdup(".");
	cdg_status st;
	if (!dir)
		return err_nomem(err);
	st = file_sync_dir(dir, err);
	mem_free(dir);
	return st;
}

cdg_status
file_replace(const char *path, const void *p, size_t n, cdg_error *err)
{
	buf tmp = { 0 };
	const char *name;
	cdg_status st;
	int fd;

	buf_printf(&tmp, "%s.tmp", path);
	name = buf_cstr(&tmp);
	if (tmp.failed) {
		buf_fini(&tmp);
		return err_nomem(err);
	}
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		st = err_errno(err, "create", name);
		goto out;
	}
	st = file_write_fd(fd, p, n, name, err);
	if (st == CDG_OK && fsync(fd) != 0)
		st = err_errno(err, "sync", name);
	if (close(fd) != 0 && st == CDG_OK)
		st = err_errno(err, "close", name);
	if (st == CDG_OK && rename(name, path) != 0)
		st = err_errno(err, "rename", name);
	if (st == CDG_OK)
		st = file_sync_parent(path, err);
	else
		unlink(name);
out:
	buf_fini(&tmp);
	return st;
}

cdg_status
file_unlink(const char *path, cdg_error *err)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return err_errno(err, "remove", path);
	return CDG_OK;
}

cdg_status
file_lock(const char *path, int *fd, cdg_error *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (*fd < 0)
		return err_errno(err, "open", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		bool busy = errno == EWOULDBLOCK;
		close(*fd);
		*fd = -1;
		if (busy)
			return err_set(err, CDG_E_BUSY,
				       "another process is writing to this index (%s is locked); "
				       "wait for it to end and try again", path);
		return err_errno(err, "lock", path);
	}
	return CDG_OK;
}

void
file_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int
file_name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

cdg_status
file_list(const char *path, char ***names, size_t *n, cdg_error *err)
{
	DIR *d = opendir(path);
	struct dirent *e;
	size_t cap = 0;

	*names = NULL;
	*n = 0;
	if (!d)
		return err_errno(err, "read folder", path);
	while ((e = readdir(d))) {
		char *s;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		s = mem_strdup(e->d_name);
		if (!s || !mem_grow(names, &cap, *n + 1, sizeof **names)) {
			mem_free(s);
			closedir(d);
			file_list_free(*names, *n);
			*names = NULL;
			*n = 0;
			return err_nomem(err);
		}
		(*names)[(*n)++] = s;
	}
	closedir(d);
	if (*n)
		qsort(*names, *n, sizeof **names, file_name_cmp);
	return CDG_OK;
}

void
file_list_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mem_free(names[i]);
	mem_free(names);
}

uint64_t
clock_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
