// Folders a program could write to: never followed through a link, never opened by more than one name, never walked without an end.
#include "shim.h"

#define DEEPEST 16

struct size measure(int folder, int depth, long long most_entries) {
    struct size sum = { 0, 0, 0 };
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (!list) { if (copy >= 0) close(copy); sum.unreadable = 1; return sum; }
    for (struct dirent *entry; (entry = readdir(list)) && sum.entries <= most_entries;) {
        struct stat facts;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
        sum.entries++;
        sum.bytes += (long long)facts.st_blocks * 512;
        if (!S_ISDIR(facts.st_mode)) continue;
        // Who hides files from the clock by depth or by rights is over the limit.
        if (depth >= DEEPEST * 2) { sum.unreadable = 1; continue; }
        int below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0) { sum.unreadable |= errno == EACCES; continue; }
        struct size part = measure(below, depth + 1, most_entries - sum.entries);
        close(below);
        sum.bytes += part.bytes;
        sum.entries += part.entries;
        sum.unreadable |= part.unreadable;
    }
    closedir(list);
    return sum;
}

static int is_plain_name(const char *name) {
    const unsigned char *at = (const unsigned char *)name;
    while (*at) {
        int more = *at < 0x80 ? 0 : (*at & 0xe0) == 0xc0 && *at >= 0xc2 ? 1 : (*at & 0xf0) == 0xe0 ? 2 : (*at & 0xf8) == 0xf0 && *at <= 0xf4 ? 3 : -1;
        if (more < 0 || *at < 0x20 || *at == 0x7f) return 0;
        if (*at == 0xc2 && at[1] < 0xa0) return 0;                                            // C1 controls
        if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) || (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f)) return 0;
        for (at++; more > 0; more--, at++)
            if ((*at & 0xc0) != 0x80) return 0;
    }
    return 1;
}

struct collecting { long long uid, files_left, bytes_left; };

static void tell(char kind, const char *fact, const char *folder, const char *name) {
    printf("%c\t%s\t%s", kind, fact, folder);
    for (; *name; name++) {
        if ((unsigned char)*name < 0x20 || *name == 0x7f) printf("\\x%02x", (unsigned char)*name);
        else putchar(*name);
    }
    putchar('\n');
}

// True where all of it was copied, and it was no more than when it was looked at.
static int copy_file(int from, int to, long long length) {
    static char block[65536];
    long long copied = 0;
    for (ssize_t got; (got = read(from, block, sizeof block)) > 0;) {
        copied += got;
        if (copied > length) return 0;
        for (ssize_t done = 0, part; done < got; done += part)
            if ((part = write(to, block + done, (size_t)(got - done))) <= 0) return 0;
    }
    return copied == length;
}

static void collect_folder(int from, int to, const char *path, int depth, struct collecting *state);

static const char *collect_entry(int from, int to, const char *path, const char *name, int depth, struct collecting *state) {
    struct stat facts;
    if (!is_plain_name(name)) return "its name is not plain text";
    if (fstatat(from, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return "it cannot be looked at";
    if (S_ISLNK(facts.st_mode)) return "it is a link";
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return "it is neither file nor folder";
    int file = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) return "it cannot be opened";
    const char *fault = NULL;
    if (fstat(file, &facts) != 0) fault = "it cannot be looked at";
    else if (state->uid >= 0 && facts.st_uid != (uid_t)state->uid) fault = "it belongs to another user";
    else if (S_ISDIR(facts.st_mode)) {
        char below[PATH_MAX];
        if (depth >= DEEPEST) fault = "it lies too deep";
        else if (snprintf(below, sizeof below, "%s%s/", path, name) >= (int)sizeof below) fault = "its path is too long";
        else if (mkdirat(to, name, 0755) != 0) fault = "its folder cannot be made";
        else {
            int inner = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (inner >= 0) collect_folder(file, inner, below, depth + 1, state);
            if (inner >= 0) close(inner);
        }
    } else if (!S_ISREG(facts.st_mode)) fault = "it is neither file nor folder";
    else if (facts.st_nlink != 1) fault = "it has more than one name";
    else if (state->files_left <= 0) fault = "there are more files than allowed";
    else if (facts.st_size > state->bytes_left) fault = "it is larger than what is left of the limit";
    else {
        int copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (copy < 0) fault = "it cannot be written";
        else {
            if (!copy_file(file, copy, facts.st_size)) { fault = "it could not be copied whole"; unlinkat(to, name, 0); }
            if (close(copy) != 0 && !fault) fault = "it could not be copied whole";
        }
        if (!fault) {
            char length[32];
            snprintf(length, sizeof length, "%lld", (long long)facts.st_size);
            tell('F', length, path, name);
            state->files_left--;
            state->bytes_left -= facts.st_size;
        }
    }
    close(file);
    return fault;
}

static void collect_folder(int from, int to, const char *path, int depth, struct collecting *state) {
    int copy = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    int told = 0;
    if (!list) { if (copy >= 0) close(copy); return; }
    for (struct dirent *entry; (entry = readdir(list));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        const char *fault = collect_entry(from, to, path, entry->d_name, depth, state);
        // Why each of a million files is not there interests nobody.
        if (fault && told++ < 20) tell('S', fault, path, entry->d_name);
    }
    closedir(list);
}

int collect(const char *from, const char *to, long long uid, long long most_files, long long most_bytes) {
    struct collecting state = { uid, most_files, most_bytes };
    int source = open(from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int target = open(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0 || target < 0) { fprintf(stderr, "%s: %s\n", source < 0 ? from : to, strerror(errno)); return 1; }
    collect_folder(source, target, "", 0, &state);
    return fflush(stdout) == 0 ? 0 : 1;
}

// Removes whatever is in the folder, however deep: what lies deeper than one step is first moved up, so that no path grows long.
static int empty_folder(int top) {
    long long moved = 0;
    for (int again = 1; again;) {
        again = 0;
        int copy = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *list = copy < 0 ? NULL : fdopendir(copy);
        if (!list) { if (copy >= 0) close(copy); return -1; }
        for (struct dirent *entry; (entry = readdir(list));) {
            if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
            struct stat facts;
            if (fstatat(top, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
            if (!S_ISDIR(facts.st_mode)) { again |= unlinkat(top, entry->d_name, 0) == 0; continue; }
            fchmodat(top, entry->d_name, 0700, 0);
            int inner = openat(top, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            int inner_copy = inner < 0 ? -1 : openat(inner, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            DIR *below = inner_copy < 0 ? NULL : fdopendir(inner_copy);
            for (struct dirent *child; below && (child = readdir(below));) {
                if (!strcmp(child->d_name, ".") || !strcmp(child->d_name, "..")) continue;
                if (unlinkat(inner, child->d_name, 0) == 0 || errno != EISDIR) continue;
                char name[64];
                if (unlinkat(inner, child->d_name, AT_REMOVEDIR) == 0) continue;
                fchmodat(inner, child->d_name, 0700, 0);
                do snprintf(name, sizeof name, ".essaim-%lld", moved++);
                while (syscall(SYS_renameat2, inner, child->d_name, top, name, 1 /* never over another */) != 0 && errno == EEXIST);
            }
            if (below) closedir(below);
            else if (inner_copy >= 0) close(inner_copy);
            if (inner >= 0) close(inner);
            again |= unlinkat(top, entry->d_name, AT_REMOVEDIR) == 0;
        }
        closedir(list);
    }
    return 0;
}

int remove_tree(const char *path) {
    int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0) return errno == ENOENT ? 0 : 1;
    empty_folder(top);
    close(top);
    return rmdir(path) == 0 ? 0 : 1;
}
