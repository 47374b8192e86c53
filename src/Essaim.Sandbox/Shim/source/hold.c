// The first process of a container: it starts the program, passes on what it is told, and tells how it ended. The shim and it speak over named
// pipes in a folder both see, so it does not matter whose daemon made the container; where the shim is gone, so are the container's processes.
#include "shim.h"

static char facts_text[4096];

static int open_pipe(const char *folder, const char *name, int flags) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0) { fprintf(stderr, "%s: %s\n", path, strerror(errno)); _exit(125); }
    int high = fcntl(file, F_DUPFD_CLOEXEC, 21);
    close(file);
    return high;
}

// A number of the container's own control group, of version 2 or 1; after `word` where it is given.
static long long group_number(const char *second, const char *first, const char *word) {
    const char *names[] = { second, first };
    for (int i = 0; i < 2; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s", names[i]);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        ssize_t length = read(file, facts_text, sizeof facts_text - 1);
        close(file);
        facts_text[length < 0 ? 0 : length] = 0;
        for (char *at = facts_text; at && word; at = strchr(at, '\n')) {
            at += *at == '\n';
            if (!strncmp(at, word, strlen(word)) && at[strlen(word)] == ' ') return atoll(at + strlen(word));
            if (!*at) break;
        }
        return word ? 0 : atoll(facts_text);
    }
    return 0;
}

static void tell_end(int facts, int code) {
    struct rusage used;
    char line[256];
    getrusage(RUSAGE_CHILDREN, &used);
    long long cpu = group_number("cpu.stat", "-", "usage_usec");
    if (cpu == 0) cpu = group_number("-", "cpuacct/cpuacct.usage", NULL) / 1000;
    int length = snprintf(line, sizeof line, "exit %d %lld %lld %ld %lld %lld %lld %lld\n", code,
        (long long)used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000, (long long)used.ru_stime.tv_sec * 1000 + used.ru_stime.tv_usec / 1000,
        used.ru_maxrss, group_number("memory.events", "memory/memory.oom_control", "oom_kill"), group_number("memory.peak", "memory/memory.max_usage_in_bytes", NULL),
        group_number("pids.events", "pids/pids.events", "max"), cpu);
    if (write(facts, line, (size_t)length) < 0) _exit(125);
}

static pid_t begin(const int *pipes, char **settings, int count, char **program, const sigset_t *watched) {
    pid_t child = fork();
    if (child != 0) return child;
    sigprocmask(SIG_UNBLOCK, watched, NULL);
    setsid();
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, 0);
    for (int i = 0; i < 3; i++) dup2(pipes[i], i + 1);
    char **env = calloc((size_t)count + 1, sizeof *env);
    for (int i = 0, next = 0; i < count; i++) {
        long long resource, soft, hard;
        struct rlimit now;
        if (!strncmp(settings[i], "env ", 4)) { env[next++] = settings[i] + 4; continue; }
        if (sscanf(settings[i], "limit %lld %lld %lld", &resource, &soft, &hard) != 3 || getrlimit((int)resource, &now) != 0) continue;
        // Limits only go down.
        struct rlimit wanted = { (rlim_t)soft, now.rlim_max < (rlim_t)hard ? now.rlim_max : (rlim_t)hard };
        if (wanted.rlim_max < wanted.rlim_cur) wanted.rlim_cur = wanted.rlim_max;
        if (setrlimit((int)resource, &wanted) != 0) { perror("setrlimit"); _exit(125); }
    }
    environ = env;
    umask(022);
    execvp(program[0], program);
    fprintf(stderr, "%s: %s\n", program[0], strerror(errno));
    _exit(127);
}

// hold FOLDER [env NAME=VALUE | limit RESOURCE SOFT HARD]... -- PROGRAM...
int hold(int argc, char **argv) {
    int count = 0;
    while (count < argc - 1 && strcmp(argv[count + 1], "--")) count++;
    if (count + 2 >= argc) return 64;
    // What runs beside it has its user, and may neither look into it nor take its pipes.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    int control = open_pipe(argv[0], "control", O_RDONLY | O_NONBLOCK), facts = open_pipe(argv[0], "facts", O_WRONLY);
    int pipes[] = { open_pipe(argv[0], "out", O_WRONLY), open_pipe(argv[0], "err", O_WRONLY), open_pipe(argv[0], "events", O_WRONLY) };
    // From here on nobody can open them.
    if (write(facts, "hello\n", 6) != 6) return 125;
    struct pollfd sources[] = { { control, POLLIN, 0 }, { signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK), POLLIN, 0 } };
    pid_t child = 0;
    for (;;) {
        if (poll(sources, 2, -1) < 0 && errno != EINTR) return 125;
        struct signalfd_siginfo info;
        while (read(sources[1].fd, &info, sizeof info) == sizeof info)
            if (info.ssi_signo != SIGCHLD) kill(-1, SIGTERM);
        for (char word; sources[0].revents;) {
            ssize_t got = read(control, &word, 1);
            if (got < 0) break;
            if (got == 0 || word == 'K') _exit(137);           // Its end is the end of all; so it is where the shim is gone.
            if (word == 'T') kill(-1, SIGTERM);
            if (word == 'G' && child == 0) child = begin(pipes, argv + 1, count, argv + count + 2, &watched);
            if (child < 0) return 125;
        }
        int status;
        for (pid_t id; (id = waitpid(-1, &status, WNOHANG)) > 0;) {
            if (id != child) continue;
            int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            tell_end(facts, code);
            return code;
        }
    }
}
