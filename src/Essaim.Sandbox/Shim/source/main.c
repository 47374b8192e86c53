#include "shim.h"

#ifndef SOURCE_HASH
#define SOURCE_HASH "unknown"
#endif

static int usage(void) {
    fputs("essaim-shim run FOLDER | hold CHANNEL [SETTING]... -- PROGRAM... | collect FROM TO UID FILES BYTES | remove FOLDER | version\n", stderr);
    return 64;
}

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "version")) return puts(SOURCE_HASH) < 0;
    if (argc == 3 && !strcmp(argv[1], "remove")) { disk_unmount(argv[2]); return remove_tree(argv[2]); }
    if (argc == 7 && !strcmp(argv[1], "collect")) return collect(argv[2], argv[3], atoll(argv[4]), atoll(argv[5]), atoll(argv[6]));
    if (argc >= 5 && !strcmp(argv[1], "hold")) return hold(argc - 2, argv + 2);
    if (argc != 3 || strcmp(argv[1], "run")) return usage();
    if (chdir(argv[2]) != 0) return 66;
    return run();
}
