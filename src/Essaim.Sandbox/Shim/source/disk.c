// An output folder of an exact size: a file system in a file beside it, copied from an empty one of that size that the worker has made.
#include "shim.h"
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>

// musl's headers have none of the kernel's: the numbers are its own, for all machines.
enum { LOOP_SET_FD = 0x4C00, LOOP_CLR_FD = 0x4C01, LOOP_SET_STATUS64 = 0x4C04, LOOP_CTL_GET_FREE = 0x4C82, LO_FLAGS_AUTOCLEAR = 4 };
struct loop_info64 {
    uint64_t lo_device, lo_inode, lo_rdevice, lo_offset, lo_sizelimit;
    uint32_t lo_number, lo_encrypt_type, lo_encrypt_key_size, lo_flags;
    uint8_t lo_file_name[64], lo_crypt_name[64], lo_encrypt_key[32];
    uint64_t lo_init[2];
};

// Only what holds data: the rest stays a hole.
static int copy_sparse(const char *from, const char *to) {
    static char block[65536];
    int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), target = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat facts;
    int failed = source < 0 || target < 0 || fstat(source, &facts) != 0 || ftruncate(target, facts.st_size) != 0;
    for (off_t at = 0, end; !failed && (at = lseek(source, at, SEEK_DATA)) >= 0; at = end) {
        end = lseek(source, at, SEEK_HOLE);
        for (off_t next = at; !failed && next < end;) {
            ssize_t got = pread(source, block, (size_t)(end - next) < sizeof block ? (size_t)(end - next) : sizeof block, next);
            failed = got <= 0 || pwrite(target, block, (size_t)got, next) != got;
            next += got;
        }
    }
    if (source >= 0) close(source);
    if (failed && target >= 0) { close(target); target = -1; }
    return target;
}

static int attach(int image, char *device, size_t size) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    for (int tries = 0; control >= 0 && tries < 100; tries++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) break;
        snprintf(device, size, "/dev/loop%d", number);
        int loop = open(device, O_RDWR | O_CLOEXEC);
        if (loop < 0) break;
        // It goes by itself with its mount.
        struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };
        if (ioctl(loop, LOOP_SET_FD, image) == 0) {
            if (ioctl(loop, LOOP_SET_STATUS64, &info) == 0) { close(control); return loop; }
            ioctl(loop, LOOP_CLR_FD, 0);
            close(loop);
            break;
        }
        int busy = errno == EBUSY;
        close(loop);
        if (!busy) break;                              // Another run was quicker: the next one, then.
    }
    if (control >= 0) close(control);
    return -1;
}

int disk_mount(const char *empty) {
    char device[32];
    int image = copy_sparse(empty, "disk.img");
    int loop = image < 0 ? -1 : attach(image, device, sizeof device);
    if (image >= 0) close(image);
    // Its last reference is the mount's: the name may go.
    int done = loop >= 0 && mount(device, "out", "ext4", MS_NOSUID | MS_NODEV, "") == 0;
    int why = errno;
    if (loop >= 0) close(loop);
    unlink("disk.img");
    errno = why;
    if (done) rmdir("out/lost+found");
    return done ? 0 : -1;
}

long long disk_left(int folder) {
    struct statfs facts;
    if (fstatfs(folder, &facts) != 0) return -1;
    return facts.f_ffree == 0 ? 0 : (long long)facts.f_bavail * (long long)facts.f_bsize;
}

void disk_unmount(const char *run) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/out", run);
    while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) { }
}
