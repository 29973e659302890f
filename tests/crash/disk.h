/* disk.h - the calls that change a disk, counted: the n-th one kills the
 * process, before it is made or after, or fails as a full or broken disk does.
 *
 * The functions below stand in for the C library's in the program that
 * includes this file, also for the library's objects linked into it; they end
 * in the system call.  What is opened for writing is followed, so that a test
 * can ask whether a file was synced after its last byte.  Thread-safe.
 */
#ifndef TESTS_CRASH_DISK_H
#define TESTS_CRASH_DISK_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

typedef enum disk_mode {
	DISK_COUNT,       /* only count */
	DISK_KILL,        /* SIGKILL instead of the call */
	DISK_KILL_SHORT,  /* SIGKILL after half of a write was made; else after the call */
	DISK_FAIL,        /* the call fails with disk_errno, the next ones do not */
	DISK_FULL         /* it and all later writes fail (unlink works) */
} disk_mode;

enum { DISK_FILES = 4096, DISK_FDS = 1024 };

typedef struct disk_file {
	char path[200];
	bool dirty; /* written since the last fsync */
} disk_file;

static struct disk {
	_Atomic int mode;
	_Atomic long at, calls; /* act at call number `at`, from 1 */
	int error;
	pthread_mutex_t lock;
	bool follow;            /* keep the list of files */
	disk_file file[DISK_FILES];
	size_t nfiles;
	int fd_file[DISK_FDS];  /* index + 1 */
	bool dir_dirty;         /* names changed since the folder was synced */
	void (*on_rename)(const char *from, const char *to);
	void (*on_create)(const char *path);
	/* folder under test: other calls are not counted */
	char root[128];
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
disk_set(disk_mode mode, long at, int error)
{
	atomic_store(&disk.calls, 0);
	atomic_store(&disk.at, at);
	disk.error = error;
	atomic_store(&disk.mode, mode);
}

static bool
disk_ours(const char *path)
{
	return disk.root[0] && !strncmp(path, disk.root, strlen(disk.root));
}

/* Called before each counted call: true if it is to fail. */
static bool
disk_turn(bool writes)
{
	int mode = atomic_load(&disk.mode);
	long n = atomic_fetch_add(&disk.calls, 1) + 1;

	if (mode == DISK_KILL && n == disk.at)
		kill(getpid(), SIGKILL);
	if (mode == DISK_FAIL && n == disk.at) {
		errno = disk.error;
		return true;
	}
	if (mode == DISK_FULL && n >= disk.at && writes) {
		errno = disk.error;
		return true;
	}
	return false;
}

static void
disk_after(void)
{
	if (atomic_load(&disk.mode) == DISK_KILL_SHORT && atomic_load(&disk.calls) == disk.at)
		kill(getpid(), SIGKILL);
}

static disk_file *
disk_find(const char *path, bool add)
{
	for (size_t i = 0; i < disk.nfiles; i++)
		if (!strcmp(disk.file[i].path, path))
			return &disk.file[i];
	if (!add || disk.nfiles == DISK_FILES)
		return NULL;
	snprintf(disk.file[disk.nfiles].path, sizeof disk.file[0].path, "%s", path);
	return &disk.file[disk.nfiles++];
}

static void
disk_note_open(int fd, const char *path, int flags)
{
	disk_file *f;

	pthread_mutex_lock(&disk.lock);
	disk.fd_file[fd] = 0;
	f = disk_find(path, true);
	if (f) {
		disk.fd_file[fd] = (int)(f - disk.file) + 1;
		if ((flags & O_ACCMODE) != O_RDONLY)
			f->dirty = true;
		disk.dir_dirty |= flags & O_CREAT;
	}
	pthread_mutex_unlock(&disk.lock);
}

static disk_file *
disk_of(int fd)
{
	return fd >= 0 && fd < DISK_FDS && disk.fd_file[fd] ? &disk.file[disk.fd_file[fd] - 1] : NULL;
}

/* ---- the calls ------------------------------------------------------------- */

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	bool ours = disk_ours(path), writes = (flags & O_ACCMODE) != O_RDONLY;
	int fd;

	if (flags & O_CREAT) {
		va_list ap;
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (ours && (flags & O_CREAT) && disk.on_create)
		disk.on_create(path);
	if (ours && disk_turn(writes))
		return -1;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && fd < DISK_FDS) {
		if (ours)
			disk_note_open(fd, path, flags);
		else
			disk.fd_file[fd] = 0;
	}
	if (ours)
		disk_after();
	return fd;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	disk_file *f = disk_of(fd);
	ssize_t k;

	if (!f)
		return syscall(SYS_write, fd, p, n);
	f->dirty = true;
	if (disk_turn(true))
		return -1;
	if (n > 1 && atomic_load(&disk.mode) == DISK_KILL_SHORT && atomic_load(&disk.calls) == disk.at) {
		syscall(SYS_write, fd, p, n / 2);
		disk_after();
	}
	k = syscall(SYS_write, fd, p, n);
	disk_after();
	return k;
}

int
close(int fd)
{
	if (fd >= 0 && fd < DISK_FDS)
		disk.fd_file[fd] = 0;
	return (int)syscall(SYS_close, fd);
}

int
fsync(int fd)
{
	disk_file *f = disk_of(fd);
	int rc;

	if (!f)
		return (int)syscall(SYS_fsync, fd);
	if (disk_turn(true))
		return -1;
	rc = (int)syscall(SYS_fsync, fd);
	f->dirty = false;
	if (!strcmp(f->path, disk.root))
		disk.dir_dirty = false;
	disk_after();
	return rc;
}

int
rename(const char *from, const char *to)
{
	bool ours = disk_ours(to);
	int rc;

	if (ours && disk.on_rename)
		disk.on_rename(from, to);
	if (ours && disk_turn(true))
		return -1;
	rc = (int)syscall(SYS_rename, from, to);
	if (ours && rc == 0)
		disk.dir_dirty = true;
	if (ours)
		disk_after();
	return rc;
}

int
unlink(const char *path)
{
	bool ours = disk_ours(path);
	int rc;

	if (ours && disk_turn(false))
		return -1;
	rc = (int)syscall(SYS_unlink, path);
	if (ours)
		disk_after();
	return rc;
}

#endif
