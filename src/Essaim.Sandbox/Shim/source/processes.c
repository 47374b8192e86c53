// The processes of a run are those below the first one of its process namespace: who is orphaned in there becomes its child.
#include "shim.h"

#define MOST_PROCESSES 65536

struct process { pid_t id, parent; };

static int read_file(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length < 0 ? 0 : length] = 0;
    return length < 0 ? -1 : 0;
}

int tree_of(pid_t init, pid_t **found) {
    struct process *all = malloc(sizeof *all * MOST_PROCESSES);
    *found = malloc(sizeof **found * MOST_PROCESSES);
    DIR *proc = opendir("/proc");
    int count = 0, members = 0, grew = 1;
    if (!all || !*found || !proc) { free(all); if (proc) closedir(proc); return 0; }
    for (struct dirent *entry; (entry = readdir(proc)) && count < MOST_PROCESSES;) {
        char path[64], text[512], *end;
        pid_t id = atoi(entry->d_name);
        if (id <= 0) continue;
        snprintf(path, sizeof path, "/proc/%d/stat", id);
        // The name is in parentheses and may hold anything, parentheses too.
        if (read_file(path, text, sizeof text) != 0 || !(end = strrchr(text, ')'))) continue;
        all[count].id = id;
        all[count++].parent = atoi(end + 4);
    }
    closedir(proc);
    while (grew) {
        grew = 0;
        for (int i = 0; i < count; i++) {
            int inside = all[i].parent == init;
            for (int j = 0; j < members && !inside; j++) inside = all[i].parent == (*found)[j];
            if (!inside || all[i].id == 0) continue;
            (*found)[members++] = all[i].id;
            all[i].id = all[i].parent = 0;
            grew = 1;
        }
    }
    free(all);
    return members;
}

void signal_tree(pid_t init, int signal) {
    pid_t *found;
    int count = tree_of(init, &found);
    for (int i = 0; i < count; i++) kill(found[i], signal);
    free(found);
}

long long resident_of_tree(pid_t init) {
    pid_t *found;
    int count = tree_of(init, &found);
    long long sum = 0;
    for (int i = 0; i < count; i++) {
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/%d/status", found[i]);
        if (read_file(path, text, sizeof text) != 0) continue;
        const char *anonymous = strstr(text, "\nRssAnon:"), *shared = strstr(text, "\nRssShmem:");
        if (anonymous) sum += atoll(anonymous + 9) * 1024;
        if (shared) sum += atoll(shared + 10) * 1024;
    }
    free(found);
    return sum;
}

// Processor time of processes that go on; of the others we are told when they end.
void cpu_of(const pid_t *processes, int count, struct timeval *user, struct timeval *system) {
    unsigned long long ticks = (unsigned long long)sysconf(_SC_CLK_TCK), sums[2] = { 0, 0 };
    for (int i = 0; i < count; i++) {
        char path[64], text[1024], *end;
        unsigned long long used[2];
        snprintf(path, sizeof path, "/proc/%d/stat", processes[i]);
        if (read_file(path, text, sizeof text) != 0 || !(end = strrchr(text, ')'))) continue;
        if (sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &used[0], &used[1]) != 2) continue;
        sums[0] += used[0];
        sums[1] += used[1];
    }
    *user = (struct timeval){ (time_t)(sums[0] / ticks), (suseconds_t)(sums[0] % ticks * 1000000 / ticks) };
    *system = (struct timeval){ (time_t)(sums[1] / ticks), (suseconds_t)(sums[1] % ticks * 1000000 / ticks) };
}

int groups_are_empty(const struct spec *spec) {
    for (int i = 0; i < spec->group_count; i++) {
        char path[PATH_MAX], text[64];
        snprintf(path, sizeof path, "%s/cgroup.procs", spec->groups[i]);
        if (read_file(path, text, sizeof text) == 0 && text[0]) return 0;
    }
    return 1;
}

void kill_groups(const struct spec *spec) {
    for (int i = 0; i < spec->group_count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/cgroup.kill", spec->groups[i]);
        int file = open(path, O_WRONLY | O_CLOEXEC);
        if (file >= 0) {
            int done = write(file, "1", 1) == 1;
            close(file);
            if (done) continue;
        }
        snprintf(path, sizeof path, "%s/cgroup.procs", spec->groups[i]);
        FILE *members = fopen(path, "re");
        if (!members) continue;
        for (int id; fscanf(members, "%d", &id) == 1;) kill(id, SIGKILL);
        fclose(members);
    }
}
