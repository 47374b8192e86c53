// How a run in a container speaks with the shim: named pipes in the folder `channel`, shut to everybody once the container's first process has
// opened them, so that the program in it, which has the same user, cannot.
#include "shim.h"
#include "child.h"

static const char *const names[CHANNELS] = { "out", "err", "events", "control", "facts" };
static int pipes[CHANNELS];
static char facts[1024];
static size_t facts_length;

int channel_open(uid_t uid) {
    if (mkdir("channel", 0711) != 0 || chmod("channel", 0711) != 0) return -1;
    for (int i = 0; i < CHANNELS; i++) {
        char path[64];
        snprintf(path, sizeof path, "channel/%s", names[i]);
        if (mkfifo(path, 0600) != 0 || chmod(path, i == CONTROL ? 0644 : 0622) != 0) return -1;
        int file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        pipes[i] = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 21);
        if (file >= 0) close(file);
        if (pipes[i] < 0) return -1;
    }
    FILE *users = fopen("passwd", "we"), *groups = fopen("group", "we");
    if (users) fprintf(users, "root:x:0:0:root:/:/usr/sbin/nologin\ntask:x:%ld:%ld:task:/tmp:/usr/sbin/nologin\n", (long)uid, (long)uid);
    if (groups) fprintf(groups, "root:x:0:\ntask:x:%ld:\n", (long)uid);
    return users && groups && fclose(users) == 0 && fclose(groups) == 0 && chmod("passwd", 0644) == 0 && chmod("group", 0644) == 0 ? 0 : -1;
}

int channel_pipe(enum channel which) { return pipes[which]; }

void channel_say(char word) {
    // A pipe that is full has had its word.
    if (write(pipes[CONTROL], &word, 1) < 0) return;
}

// What the container's first process tells: that it is there, and how the program ended.
enum told channel_read(const char *text, struct held_end *end) {
    size_t length = strlen(text);
    if (facts_length + length >= sizeof facts) return NOTHING;
    memcpy(facts + facts_length, text, length + 1);
    facts_length += length;
    const char *last = strstr(facts, "exit ");
    if (last && strchr(last, '\n') && sscanf(last, "exit %d %lld %lld %ld %lld %lld %lld %lld", &end->code, &end->user_ms, &end->system_ms, &end->max_rss_kb,
            &end->oom, &end->peak, &end->refused, &end->cpu_us) == 8) return ENDED;
    if (strncmp(facts, "hello\n", 6)) return NOTHING;
    for (int i = 0; i < CHANNELS; i++) fchmod(pipes[i], 0);
    return GREETED;
}

// The container, wherever it is: removed by its own command. Its words are of no interest.
pid_t run_command(char **args, char **env) {
    pid_t id = fork();
    if (id != 0) return id;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(args[0], args, env);
    _exit(127);
}
