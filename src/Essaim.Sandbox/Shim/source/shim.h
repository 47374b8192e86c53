// essaim-shim: one small process that holds a sandboxed run. See docs/adr/0010-sandbox.md for why it is C.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <grp.h>

// Not in every libc's headers; the numbers are the kernel's.
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define MOST_ARGS 512
#define MOST_GROUPS 16
#define MOST_LIMITS 16

// The run's description: the file `spec`, made by the worker, pairs of NUL-terminated key and value.
struct spec {
    char *args[MOST_ARGS + 1];
    char *env[MOST_ARGS + 1];
    int argc, envc;
    char *groups[MOST_GROUPS];
    int group_count;
    struct { int resource; rlim_t soft, hard; } limits[MOST_LIMITS];
    int limit_count;
    char *seccomp, *slots;
    uid_t first_uid;
    int slot_count;
    long long time_limit, grace;          // ms
    long long log_limit, log_tail;        // bytes
    long long out_limit, out_files;
    long long soft_memory;                // bytes; 0: the control group holds it
    long long patience;                   // ms the file `wanted` may stay untouched; 0: for ever
    long long wait;                       // ms a warm slot waits to be taken; 0: it is a run from the start
    long long taker;                      // ms between its taking and the word to go
    char *word;                           // what a warm slot's program is told when it is taken
};

struct size { long long bytes, entries; int unreadable; };

long long now_ms(void);
void read_spec(struct spec *spec, const char *file);
int run(void);

// processes.c
void signal_tree(pid_t init, int signal);
long long resident_of_tree(pid_t init);
void cpu_of(const pid_t *processes, int count, struct timeval *user, struct timeval *system);
int groups_are_empty(const struct spec *spec);
void kill_groups(const struct spec *spec);

// Ids of all processes below `init`, without it. The caller frees.
int tree_of(pid_t init, pid_t **found);

// warm.c
int was_taken(void);
int is_run(void);
int leave_pool(void);
int write_ready(pid_t init);
void write_failed(const char *why);
int lower_limits(const struct spec *spec, const pid_t *processes, int count, long uid);
void remove_slot(const struct spec *spec);

// log.c
void log_open(const struct spec *spec);
int log_write(int stream, const char *data, size_t length, long long at);   // non-zero: far over the limit
int event_write(const char *data, size_t length);
void log_close(void);
extern long long log_seen, log_kept, events_seen, events_wrapped;

// tree.c
struct size measure(int folder, int depth, long long most_entries);
int collect(const char *from, const char *to, long long uid, long long most_files, long long most_bytes);
int remove_tree(const char *path);
