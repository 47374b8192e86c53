// A slot of the warm pool: a sandbox whose program has loaded its imports and waits. Its folder's name says whose it is: one of the pool, of somebody
// who has taken it and prepares it, or a run. Names change by rename only, so of two who want the same one wins.
#include "shim.h"

static int own_folder(char *path, size_t size) { return getcwd(path, size) ? 0 : -1; }

int was_taken(void) {
    char path[PATH_MAX];
    const char *dot;
    return own_folder(path, sizeof path) == 0 && (dot = strrchr(path, '.')) && !strcmp(dot, ".taken");
}

int is_run(void) {
    char path[PATH_MAX];
    if (own_folder(path, sizeof path) != 0) return 0;
    char *name = strrchr(path, '/');
    if (!name) return 0;
    *name = 0;
    char *parent = strrchr(path, '/');
    return parent && !strcmp(parent, "/runs");
}

// False where it has been taken, or made a run, in this moment.
int leave_pool(void) {
    char path[PATH_MAX], over[PATH_MAX];
    if (is_run()) return 0;
    // Who removes the folder under us leaves nothing to give up.
    if (own_folder(path, sizeof path) != 0) return 1;
    if (snprintf(over, sizeof over, "%s.over", path) >= (int)sizeof over) return 0;
    return rename(path, over) == 0;
}

// Tells who looks for a slot that this is one, and how much memory it takes.
int write_ready(pid_t init) {
    FILE *file = fopen("ready.new", "we");
    if (!file) return -1;
    fprintf(file, "%lld\n", resident_of_tree(init));
    return fclose(file) == 0 && rename("ready.new", "ready") == 0 ? 0 : -1;
}

// Beside the slots: why there is none. Who fills the pool asks less often then.
void write_failed(const char *why) {
    FILE *file = fopen("../failed", "we");
    if (!file) return;
    fprintf(file, "%s\n", why);
    fclose(file);
}

static int lower(const struct spec *spec, pid_t id) {
    for (int i = 0; i < spec->limit_count; i++) {
        struct rlimit now, wanted = { spec->limits[i].soft, spec->limits[i].hard };
        if (prlimit(id, spec->limits[i].resource, NULL, &now) != 0) return -1;
        if (now.rlim_max < wanted.rlim_max) wanted.rlim_max = now.rlim_max;
        if (wanted.rlim_max < wanted.rlim_cur) wanted.rlim_cur = wanted.rlim_max;
        if (prlimit(id, spec->limits[i].resource, &wanted, NULL) != 0) return -1;
    }
    return 0;
}

// Who is root without CAP_SYS_RESOURCE sets limits only of processes of its own real user: for that moment it is the run's. Nobody there can use it, for
// only our own code is in the sandbox, and waits.
int lower_limits(const struct spec *spec, const pid_t *processes, int count, long uid) {
    uid_t own_user = getuid();
    gid_t own_group = getgid();
    int failed = count == 0;
    if (uid >= 0 && (setresgid((gid_t)uid, (gid_t)-1, (gid_t)-1) != 0 || setresuid((uid_t)uid, (uid_t)-1, (uid_t)-1) != 0)) failed = 1;
    for (int i = 0; i < count && !failed; i++) failed = lower(spec, processes[i]) != 0;
    if (uid >= 0 && (setresuid(own_user, (uid_t)-1, (uid_t)-1) != 0 || setresgid(own_group, (gid_t)-1, (gid_t)-1) != 0)) failed = 1;
    return failed ? -1 : 0;
}

// Nobody comes for what was never a run.
void remove_slot(const struct spec *spec) {
    char path[PATH_MAX];
    for (int i = 0; i < spec->group_count; i++) rmdir(spec->groups[i]);
    if (own_folder(path, sizeof path) == 0) remove_tree(path);
}
