/* A disk that can lose its power: preloaded into a program (LD_PRELOAD).
 *
 * Files below DISK_PREFIX are watched. Before each write or truncation what was there, and what
 * comes, is noted in a log of the file in DISK_UNDO; a sync that succeeds empties the log. Whoever
 * kills the program takes back what stands in the logs: it was never synced. A rename is noted in
 * the log of names until a folder below the prefix is synced.
 *
 * DISK_CONTROL is a mapped file of 32-bit numbers: writes to fail, with which errno, syncs to fail,
 * with which errno; then counted: writes, syncs, failures. A sync that fails leaves its log: after
 * an fsync error nobody knows what is on the disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAIL_WRITES, WRITE_ERRNO, FAIL_SYNCS, SYNC_ERRNO, WRITES, SYNCS, FAILURES, NUMBERS };

struct record { int64_t offset, old_size, old_length, new_length, truncated_to; };

static const char *prefix, *undo;
static volatile int32_t *control;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_open)(const char *, int, ...);

__attribute__((constructor)) static void attach(void)
{
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_open = dlsym(RTLD_NEXT, "open64");
    prefix = getenv("DISK_PREFIX");
    undo = getenv("DISK_UNDO");
    const char *path = getenv("DISK_CONTROL");
    if (path != NULL) {
        int fd = real_open(path, O_RDWR);
        void *map = fd < 0 ? MAP_FAILED
                           : mmap(NULL, NUMBERS * sizeof(int32_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED) {
            fputs("disk.c: DISK_CONTROL cannot be mapped\n", stderr);
            _exit(97);
        }
        control = map;
        close(fd);
    }
}

static int watched(int fd, struct stat *info)
{
    char link[64], path[PATH_MAX];
    if (prefix == NULL || undo == NULL)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, prefix, strlen(prefix)) != 0 || fstat(fd, info) != 0)
        return 0;
    size_t end = strlen(path);
    return !(end > 4 && strcmp(path + end - 4, "-shm") == 0);
}

static int log_of(int fd, const struct stat *info, int flags)
{
    char name[PATH_MAX], link[64], path[PATH_MAX];
    snprintf(name, sizeof name, "%s/%llu.log", undo, (unsigned long long)info->st_ino);
    if (access(name, F_OK) != 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        char to[PATH_MAX];
        snprintf(to, sizeof to, "%s/%llu.path", undo, (unsigned long long)info->st_ino);
        int names = real_open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (names >= 0 && length > 0)
            real_write(names, path, length);
        close(names);
    }
    return real_open(name, O_WRONLY | O_CREAT | flags, 0600);
}

static void must(int well)
{
    if (!well) {
        fputs("disk.c: the log cannot be written\n", stderr);
        _exit(98);
    }
}

/* Note a change of `fd` before it is made; the caller holds the lock. */
static void note(int fd, const struct stat *info, int64_t offset, const void *data, int64_t length,
                 int64_t truncated_to)
{
    int64_t from = truncated_to >= 0 ? truncated_to : offset;
    int64_t upto = truncated_to >= 0 ? info->st_size : offset + length;
    if (upto > info->st_size)
        upto = info->st_size;
    struct record head = {from, info->st_size, upto > from ? upto - from : 0, length, truncated_to};
    char *all = malloc(sizeof head + head.old_length + length);
    must(all != NULL);
    memcpy(all, &head, sizeof head);
    int64_t got = 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int reader = head.old_length ? real_open(link, O_RDONLY) : -1; /* fd itself may be write-only */
    while (got < head.old_length) {
        ssize_t some = pread(reader, all + sizeof head + got, head.old_length - got, from + got);
        must(some > 0);
        got += some;
    }
    if (reader >= 0)
        close(reader);
    if (length)
        memcpy(all + sizeof head + head.old_length, data, length);
    int log = log_of(fd, info, O_APPEND);
    int64_t size = sizeof head + head.old_length + length;
    must(log >= 0 && real_write(log, all, size) == size);
    close(log);
    free(all);
}

static int fails(int count, int number)
{
    if (control == NULL || control[count] <= 0)
        return 0;
    control[count]--;
    control[FAILURES]++;
    errno = control[number];
    return 1;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    struct stat info;
    if (!watched(fd, &info))
        return real_pwrite(fd, data, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (!fails(FAIL_WRITES, WRITE_ERRNO)) {
        fstat(fd, &info);
        note(fd, &info, offset, data, length, -1);
        done = real_pwrite(fd, data, length, offset);
        if (control != NULL)
            control[WRITES]++;
    }
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length)
{
    struct stat info;
    if (real_write == NULL)
        attach();
    if (!watched(fd, &info) || !S_ISREG(info.st_mode))
        return real_write(fd, data, length);
    int append = fcntl(fd, F_GETFL) & O_APPEND;
    off64_t at = append ? info.st_size : lseek64(fd, 0, SEEK_CUR);
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (!fails(FAIL_WRITES, WRITE_ERRNO)) {
        note(fd, &info, at, data, length, -1);
        done = real_write(fd, data, length);
        if (control != NULL)
            control[WRITES]++;
    }
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int ftruncate64(int fd, off64_t length)
{
    struct stat info;
    if (!watched(fd, &info))
        return real_ftruncate(fd, length);
    pthread_mutex_lock(&lock);
    note(fd, &info, length, NULL, 0, length);
    int done = real_ftruncate(fd, length);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int (*real)(int))
{
    struct stat info;
    if (!watched(fd, &info))
        return real(fd);
    pthread_mutex_lock(&lock);
    int done = -1;
    if (!fails(FAIL_SYNCS, SYNC_ERRNO)) {
        done = real(fd);
        if (done == 0 && S_ISDIR(info.st_mode)) {
            char names[PATH_MAX];
            snprintf(names, sizeof names, "%s/names", undo);
            unlink(names);
        } else if (done == 0) {
            close(log_of(fd, &info, O_TRUNC));
        }
        if (control != NULL)
            control[SYNCS]++;
    }
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int rename(const char *from, const char *to)
{
    if (prefix != NULL && undo != NULL && strncmp(to, prefix, strlen(prefix)) == 0) {
        static int number;
        char kept[PATH_MAX], names[PATH_MAX], line[3 * PATH_MAX];
        pthread_mutex_lock(&lock);
        snprintf(kept, sizeof kept, "%s/kept.%d.%d", undo, (int)getpid(), number++);
        if (link(to, kept) != 0)
            kept[0] = 0;
        snprintf(names, sizeof names, "%s/names", undo);
        int size = snprintf(line, sizeof line, "%s\t%s\t%s\n", from, to, kept);
        int log = real_open(names, O_WRONLY | O_CREAT | O_APPEND, 0600);
        must(log >= 0 && real_write(log, line, size) == size);
        close(log);
        pthread_mutex_unlock(&lock);
    }
    return real_rename(from, to);
}
