// Reads the run's description and makes the child from it.
#include "shim.h"
#include "child.h"

static char *read_whole(const char *path, size_t *length) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0) return NULL;
    char *text = malloc((size_t)facts.st_size + 1);
    size_t got = 0;
    for (ssize_t part; text && (part = read(file, text + got, (size_t)facts.st_size - got)) > 0;) got += (size_t)part;
    close(file);
    if (text) text[got] = 0;
    *length = got;
    return text;
}

static void take(struct spec *spec, const char *key, char *value) {
    if (!strcmp(key, "arg") && spec->argc < MOST_ARGS) spec->args[spec->argc++] = value;
    else if (!strcmp(key, "env") && spec->envc < MOST_ARGS) spec->env[spec->envc++] = value;
    else if (!strcmp(key, "group") && spec->group_count < MOST_GROUPS) spec->groups[spec->group_count++] = value;
    else if (!strcmp(key, "seccomp")) spec->seccomp = value;
    else if (!strcmp(key, "slots")) spec->slots = value;
    else if (!strcmp(key, "first-uid")) spec->first_uid = (uid_t)atoll(value);
    else if (!strcmp(key, "slot-count")) spec->slot_count = atoi(value);
    else if (!strcmp(key, "time-limit")) spec->time_limit = atoll(value);
    else if (!strcmp(key, "grace")) spec->grace = atoll(value);
    else if (!strcmp(key, "log-limit")) spec->log_limit = atoll(value);
    else if (!strcmp(key, "log-tail")) spec->log_tail = atoll(value);
    else if (!strcmp(key, "out-limit")) spec->out_limit = atoll(value);
    else if (!strcmp(key, "out-files")) spec->out_files = atoll(value);
    else if (!strcmp(key, "wait")) spec->wait = atoll(value);
    else if (!strcmp(key, "taker")) spec->taker = atoll(value);
    else if (!strcmp(key, "word")) spec->word = value;
    else if (!strcmp(key, "patience")) spec->patience = atoll(value);
    else if (!strcmp(key, "soft-memory")) spec->soft_memory = atoll(value);
    else if (!strcmp(key, "limit") && spec->limit_count < MOST_LIMITS) {
        long long resource = 0, soft = 0, hard = 0;
        if (sscanf(value, "%lld %lld %lld", &resource, &soft, &hard) != 3) return;
        spec->limits[spec->limit_count].resource = (int)resource;
        spec->limits[spec->limit_count].soft = (rlim_t)soft;
        spec->limits[spec->limit_count++].hard = (rlim_t)hard;
    }
}

// What the file says goes over what is there; limits are replaced as a whole. Its text stays for as long as the shim.
void read_spec(struct spec *spec, const char *file) {
    size_t length = 0;
    char *spec_text = read_whole(file, &length);
    spec->limit_count = 0;
    for (char *at = spec_text, *end = spec_text + length; spec_text && at < end;) {
        char *key = at, *value = key + strlen(key) + 1;
        if (value >= end) break;
        take(spec, key, value);
        at = value + strlen(value) + 1;
    }
}

// A user of the run's own: the first slot nobody else on the machine holds. The lock lasts as long as the shim.
int take_slot(const struct spec *spec) {
    for (int i = 0; i < spec->slot_count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%d", spec->slots, i);
        int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file < 0) return -1;
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return i;
        close(file);
    }
    return -1;
}

static void fail(int report, const char *what) {
    char text[PATH_MAX + 200];
    int length = snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    if (write(report, text, (size_t)length) < 0) _exit(125);
    _exit(125);
}

// In the child, between fork and exec. What cannot be set is told to the shim, and nothing runs.
void become(const struct spec *spec, const struct pipes *pipes, long uid, int report) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < spec->group_count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/cgroup.procs", spec->groups[i]);
        int file = open(path, O_WRONLY | O_CLOEXEC);
        if (file < 0 || write(file, "0", 1) != 1) fail(report, path);
        close(file);
    }
    int adjust = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (adjust >= 0 && write(adjust, "500", 3) < 0) errno = 0;
    if (adjust >= 0) close(adjust);
    for (int i = 0; i < spec->limit_count; i++) {
        struct rlimit now, wanted = { spec->limits[i].soft, spec->limits[i].hard };
        if (getrlimit(spec->limits[i].resource, &now) != 0) fail(report, "getrlimit");
        // Limits only go down: who starts us may have lower ones.
        if (now.rlim_max < wanted.rlim_max) wanted.rlim_max = now.rlim_max;
        if (wanted.rlim_max < wanted.rlim_cur) wanted.rlim_cur = wanted.rlim_max;
        if (setrlimit(spec->limits[i].resource, &wanted) != 0) fail(report, "setrlimit");
    }
    if (pipes->go >= 0 && dup2(pipes->go, 4) < 0) fail(report, "dup2");
    int seccomp = spec->seccomp ? open(spec->seccomp, O_RDONLY | O_CLOEXEC) : -1;
    if (seccomp >= 0) seccomp = fcntl(seccomp, F_DUPFD_CLOEXEC, 21);
    if (spec->seccomp && seccomp < 0) fail(report, spec->seccomp);
    // All sources lie above 20, so that no target is one of them.
    if (dup2(pipes->null, 0) < 0 || dup2(pipes->out, 1) < 0 || dup2(pipes->err, 2) < 0 || dup2(pipes->events, 3) < 0
        || dup2(pipes->info, 10) < 0 || (seccomp >= 0 && dup2(seccomp, 9) < 0)) fail(report, "dup2");
    if (uid >= 0) {
        for (int capability = 0; capability < 64; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (setgroups(0, NULL) != 0) fail(report, "setgroups");
        if (setresgid((gid_t)uid, (gid_t)uid, (gid_t)uid) != 0) fail(report, "setresgid");
        if (setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) != 0) fail(report, "setresuid");
    }
    umask(022);
    execve(spec->args[0], spec->args, spec->env);
    fail(report, spec->args[0] ? spec->args[0] : "nothing to run");
}
