// Starts the run, reads its pipes, keeps its clock, ends it, and leaves `exit.json`.
#include "shim.h"
#include "child.h"

enum { OUT, ERR, EVENTS, INFO, REPORT, SIGNALS, SOURCES };

static struct spec spec;
static struct pollfd sources[SOURCES];
static pid_t child, init;                          // What was started; the first process in the run's namespace.
static long long started, deadline, kill_at;       // ms; 0: not set
static const char *cause = "exit";
static char fault[PATH_MAX + 200];
static int status, child_ended, told_to_end;
static long uid = -1;
static struct rusage used;
static struct size output;
static int out_folder;
static int go_pipe = -1;                           // A warm slot's program waits for a word from it.
static struct timeval before_user, before_system;  // What loading ahead took: not the run's.

long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end_now(void) {
    if (init > 0) kill(init, SIGKILL);
    if (!child_ended) kill(child, SIGKILL);        // It takes its namespace with it (--die-with-parent).
    kill_groups(&spec);
}

// The first reason is the reason.
static void end_because(const char *why, int politely) {
    if (child_ended) return;
    if (!told_to_end) cause = why;
    if (!politely || spec.grace <= 0 || init <= 0) { told_to_end = 1; kill_at = now_ms(); end_now(); return; }
    if (told_to_end) return;
    told_to_end = 1;
    kill_at = now_ms() + spec.grace;
    signal_tree(init, SIGTERM);
}

static void close_source(int which) {
    if (sources[which].fd >= 0) close(sources[which].fd);
    sources[which].fd = -1;
}

static void read_info(const char *text) {
    const char *at = strstr(text, "\"child-pid\":");
    if (at && init == 0) init = atoi(at + 12);
}

// One read; false where there is nothing (more) to read.
static int read_source(int which) {
    static char block[32768];
    if (sources[which].fd < 0) return 0;
    ssize_t got = read(sources[which].fd, block, sizeof block - 1);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got <= 0) { close_source(which); return 0; }
    block[got] = 0;
    switch (which) {
        case OUT: case ERR:
            if (log_write(which == OUT ? 1 : 2, block, (size_t)got, now_ms() - started)) end_because("output", 0);
            break;
        case EVENTS: event_write(block, (size_t)got); break;
        case INFO: read_info(block); break;
        case REPORT: snprintf(fault, sizeof fault, "%.4000s", block); break;
        default: break;
    }
    return 1;
}

// True while children are left. Who is orphaned below us becomes our child.
static int reap(void) {
    for (;;) {
        int one;
        struct rusage of_one;
        pid_t id = wait4(-1, &one, WNOHANG, &of_one);
        if (id <= 0) return id == 0;
        // bwrap ends before the first process of its namespace, which then is our child and has counted all below it.
        timeradd(&used.ru_utime, &of_one.ru_utime, &used.ru_utime);
        timeradd(&used.ru_stime, &of_one.ru_stime, &used.ru_stime);
        if (of_one.ru_maxrss > used.ru_maxrss) used.ru_maxrss = of_one.ru_maxrss;
        if (id == init) init = -1;                 // Its number may be another's from here on.
        if (id != child) continue;
        status = one;
        child_ended = 1;
    }
}

static void obey(uint32_t number) {
    if (number == SIGUSR1) end_because("cancel", 1);
    else if (number == SIGUSR2) end_because("cancel", 0);
    else if (number == SIGTERM || number == SIGINT) end_because("stop", 1);
}

static void on_signal(void) {
    struct signalfd_siginfo info;
    while (read(sources[SIGNALS].fd, &info, sizeof info) == sizeof info) obey(info.ssi_signo);
}

static long long next_look, next_memory;

static void look_at_output(long long now) {
    if (now < next_look) return;
    output = measure(out_folder, 0, spec.out_files);
    // A folder of many files is looked at less often: at most a twentieth of a processor goes into it.
    long long took = now_ms() - now;
    next_look = now + (took * 20 > 250 ? took * 20 : 250);
    if (output.bytes > spec.out_limit) end_because("disk", 0);
    else if (output.entries > spec.out_files || output.unreadable) end_because("files", 0);
}

static void look_at_memory(long long now) {
    if (spec.soft_memory <= 0 || init <= 0 || now < next_memory) return;
    next_memory = now + 500;
    if (resident_of_tree(init) > spec.soft_memory) end_because("memory", 0);
}

// Who waits for the run touches `wanted`. Times of files are the machine's clock, which may be set: only that they change counts.
static void look_for_keeper(long long now) {
    static struct timespec last;
    static long long seen;
    struct stat facts;
    if (spec.patience <= 0) return;
    if (seen == 0) seen = now;
    if (stat("wanted", &facts) == 0 && (facts.st_mtim.tv_sec != last.tv_sec || facts.st_mtim.tv_nsec != last.tv_nsec)) {
        last = facts.st_mtim;
        seen = now;
    }
    if (now - seen > spec.patience) end_because("unwanted", 1);
}

static int wait_for(long long now) {
    long long next = next_look;
    if (spec.soft_memory > 0 && next_memory < next) next = next_memory;
    if (!told_to_end && deadline && deadline < next) next = deadline;
    if (told_to_end && kill_at && kill_at < next) next = kill_at;
    return next <= now ? 0 : (int)(next - now);
}

static int make_pipe(int *reader, int *writer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    *reader = fcntl(ends[0], F_DUPFD_CLOEXEC, 21);
    *writer = fcntl(ends[1], F_DUPFD_CLOEXEC, 21);
    close(ends[0]);
    close(ends[1]);
    return *reader < 0 || *writer < 0 ? -1 : fcntl(*reader, F_SETFL, O_NONBLOCK);
}

static int start(void) {
    struct pipes ends = { .go = -1 };
    int report;
    if (spec.wait > 0 && make_pipe(&ends.go, &go_pipe) != 0) return -1;
    if (ends.go >= 0) fcntl(ends.go, F_SETFL, 0);
    ends.null = fcntl(0, F_DUPFD_CLOEXEC, 21);
    if (make_pipe(&sources[OUT].fd, &ends.out) != 0 || make_pipe(&sources[ERR].fd, &ends.err) != 0 || make_pipe(&sources[EVENTS].fd, &ends.events) != 0
        || make_pipe(&sources[INFO].fd, &ends.info) != 0 || make_pipe(&sources[REPORT].fd, &report) != 0) return -1;
    if (spec.slots) {
        int slot = take_slot(&spec);
        if (slot < 0) { snprintf(fault, sizeof fault, "no free slot in %s", spec.slots); return -1; }
        uid = (long)spec.first_uid + slot;
        // Nobody else's run could find its files, even by their names.
        if (fchown(out_folder, (uid_t)uid, (gid_t)uid) != 0 || chown(".", (uid_t)-1, (gid_t)uid) != 0) return -1;
    }
    child = fork();
    if (child < 0) return -1;
    if (child == 0) become(&spec, &ends, uid, report);
    close(ends.out); close(ends.err); close(ends.events); close(ends.info); close(ends.null); close(report);
    if (ends.go >= 0) close(ends.go);
    return 0;
}

static void write_exit(long long wall) {
    FILE *file = fopen("exit.json.new", "we");
    if (!file) return;
    if (fault[0]) cause = "start";
    if (timercmp(&used.ru_utime, &before_user, >)) timersub(&used.ru_utime, &before_user, &used.ru_utime);
    if (timercmp(&used.ru_stime, &before_system, >)) timersub(&used.ru_stime, &before_system, &used.ru_stime);
    fprintf(file, "{\"cause\":\"%s\",\"code\":%d,\"signal\":%d,\"uid\":%ld,\"wall_ms\":%lld,\"user_ms\":%lld,\"system_ms\":%lld,\"max_rss_kb\":%ld,"
        "\"log_bytes\":%lld,\"log_kept\":%lld,\"events_bytes\":%lld,\"events_wrapped\":%lld,\"out_bytes\":%lld,\"out_entries\":%lld,\"fault\":\"",
        cause, WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0, uid, wall,
        (long long)used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000, (long long)used.ru_stime.tv_sec * 1000 + used.ru_stime.tv_usec / 1000,
        used.ru_maxrss, log_seen, log_kept, events_seen, events_wrapped, output.bytes, output.entries);
    for (const unsigned char *at = (unsigned char *)fault; *at; at++) {
        if (*at < 0x20 || *at == '"' || *at == '\\' || *at > 0x7e) fprintf(file, "\\u%04x", *at);
        else fputc(*at, file);
    }
    fputs("\"}\n", file);
    if (fclose(file) == 0) rename("exit.json.new", "exit.json");
}

// All of the run's processes are gone when this returns, or five seconds are over.
static void wait_until_empty(void) {
    struct timespec nap = { 0, 2000000 };
    for (long long until = now_ms() + 5000; now_ms() < until; nanosleep(&nap, NULL)) {
        siginfo_t info;
        // As long as it is our child its number is nobody else's.
        if (init > 0 && waitid(P_PID, (id_t)init, &info, WEXITED | WNOHANG | WNOWAIT) == 0) kill(init, SIGKILL);
        if (!reap() && groups_are_empty(&spec)) return;
        kill_groups(&spec);
    }
    if (!fault[0]) snprintf(fault, sizeof fault, "processes of the run could not be ended within 5 s");
}

static void watch(void) {
    while (!child_ended) {
        long long now = now_ms();
        if (poll(sources, SOURCES, wait_for(now)) < 0 && errno != EINTR) break;
        if (sources[SIGNALS].revents) on_signal();
        for (int i = 0; i < SIGNALS; i++)
            if (sources[i].fd >= 0 && sources[i].revents) read_source(i);
        reap();
        now = now_ms();
        if (!told_to_end && deadline && now >= deadline) end_because("timeout", 1);
        if (told_to_end && kill_at && now >= kill_at) { end_now(); kill_at = now + 250; }
        look_for_keeper(now);
        look_at_output(now);
        look_at_memory(now);
    }
}

// A waiting slot's processes: bwrap, the first of its namespace, the program. No new ones come while it waits.
static pid_t waiting[16];
static int waiting_count;

static void note_waiting(void) {
    pid_t *found;
    int count = tree_of(init, &found);
    waiting[0] = child;
    waiting[1] = init;
    waiting_count = 2;
    for (int i = 0; i < count && waiting_count < (int)(sizeof waiting / sizeof *waiting); i++) waiting[waiting_count++] = found[i];
    // Without a program there is nothing to wait for.
    if (count == 0) waiting_count = 0;
    free(found);
}

static char complaint[1024];                       // The last of what a slot's program wrote to stderr.

// Whatever it says while it loads is nobody's; true where it has said that it is done.
static int listen_to_loading(void) {
    static char block[sizeof complaint];
    int done = 0;
    for (int i = OUT; i <= EVENTS; i++) {
        for (ssize_t got; sources[i].fd >= 0 && (got = read(sources[i].fd, block, sizeof block - 1)) >= 0;) {
            if (got == 0) { close_source(i); break; }
            block[got] = 0;
            if (i == ERR) memcpy(complaint, block, (size_t)got + 1);
            done |= i == EVENTS;
        }
    }
    read_source(INFO);
    read_source(REPORT);
    return done;
}

static uint32_t asked;                             // A signal that came for a slot; who becomes a run obeys it then.

// A warm slot waits here. True where it has become a run; else it is over, and nothing of it may stay.
static int wait_for_word(void) {
    long long until = now_ms() + spec.wait;
    int ready = 0, taken = 0;
    for (;;) {
        if (is_run() && access("go", R_OK) == 0) return 1;
        if (!taken && was_taken()) { taken = 1; until = now_ms() + spec.taker; }
        if (child_ended && !ready) { listen_to_loading(); write_failed(fault[0] ? fault : complaint); }
        if ((child_ended || asked || now_ms() >= until) && leave_pool()) return 0;
        if (poll(sources, SOURCES, child_ended ? 20 : 1000) < 0 && errno != EINTR) return 0;
        if (sources[SIGNALS].revents) {
            struct signalfd_siginfo info;
            while (read(sources[SIGNALS].fd, &info, sizeof info) == sizeof info)
                if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGHUP) asked = info.ssi_signo;
        }
        if (listen_to_loading() && !ready && init > 0) {
            note_waiting();
            ready = write_ready(init) == 0;
        }
        reap();
    }
}

// From here on it is a run, with this run's limits; the clock begins.
static int say_go(void) {
    read_spec(&spec, "go");
    listen_to_loading();
    if (child_ended) snprintf(fault, sizeof fault, "the warm sandbox ended before it was used");
    else if (lower_limits(&spec, waiting, waiting_count, uid) != 0) snprintf(fault, sizeof fault, "the limits of the warm sandbox cannot be set");
    cpu_of(waiting, waiting_count, &before_user, &before_system);
    started = now_ms();
    size_t length = spec.word ? strlen(spec.word) : 0;
    if (!fault[0] && (length == 0 || write(go_pipe, spec.word, length) != (ssize_t)length))
        snprintf(fault, sizeof fault, "the warm sandbox does not listen");
    close(go_pipe);
    return fault[0] ? -1 : 0;
}

static void end_unused(void) {
    end_now();
    wait_until_empty();
}

int run(void) {
    int lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    // Who looks whether we are there takes the lock for a moment, too.
    for (int tries = 0; lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0; tries++) {
        struct timespec nap = { 0, 10000000 };
        if (tries == 50) return 73;
        nanosleep(&nap, NULL);
    }
    if (lock < 0) return 73;
    // Nothing of who started us is passed on: it may end while the run goes on.
    setsid();
    dup2(lock, 20);
    syscall(SYS_close_range, 21, ~0U, 0);
    for (int i = 3; i < 20; i++) close(i);
    fcntl(20, F_SETFD, FD_CLOEXEC);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0); dup2(null, 1); dup2(null, 2);
    if (null > 2) close(null);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);

    FILE *id = fopen("pid", "we");
    if (id) { fprintf(id, "%d\n", getpid()); fclose(id); }
    read_spec(&spec, "spec");
    if (spec.wait <= 0) log_open(&spec);
    out_folder = fcntl(open("out", O_RDONLY | O_DIRECTORY | O_CLOEXEC), F_DUPFD_CLOEXEC, 21);
    sigset_t signals;
    sigemptyset(&signals);
    int watched[] = { SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP };
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) sigaddset(&signals, watched[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    for (int i = 0; i < SOURCES; i++) sources[i] = (struct pollfd){ -1, POLLIN, 0 };
    sources[SIGNALS].fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);

    started = now_ms();
    if (out_folder < 0 || sources[SIGNALS].fd < 0 || start() != 0) {
        if (!fault[0]) snprintf(fault, sizeof fault, "the run's folder or processes cannot be prepared: %s", strerror(errno));
        write_exit(0);
        if (spec.wait <= 0) return 71;
        write_failed(fault);
        remove_slot(&spec);
        return 71;
    }
    if (spec.wait > 0) {
        if (!wait_for_word()) {
            end_unused();
            remove_slot(&spec);
            return 0;
        }
        int works = say_go();
        log_open(&spec);
        if (works != 0) {
            end_unused();
            write_exit(0);
            return 71;
        }
        obey(asked);
    }
    if (spec.time_limit > 0) deadline = started + spec.time_limit;
    next_look = started + 250;
    watch();
    long long wall = now_ms() - started;
    wait_until_empty();
    for (int i = 0; i < SIGNALS; i++)
        while (read_source(i)) { }
    output = measure(out_folder, 0, spec.out_files);
    if (!told_to_end && output.bytes > spec.out_limit) cause = "disk";
    else if (!told_to_end && (output.entries > spec.out_files || output.unreadable)) cause = "files";
    log_close();
    write_exit(wall);
    return 0;
}
