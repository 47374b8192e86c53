// The log of a run: frames of (stream, 0, length, milliseconds since the start), little endian, then the bytes. The first part goes to the
// file `log`; what comes after it is drained, and its last part is kept in memory and written to `log.tail` at the end.
#include "shim.h"

#define HEADER 8

long long log_seen, log_kept, events_seen, events_wrapped;
static long long limit, events_limit, events_length;
static int log_file, event_file;
static char *tail;
static size_t tail_size, tail_length;

static void write_all(int file, const char *data, size_t length) {
    while (length > 0) {
        ssize_t done = write(file, data, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return;                       // A full disk costs log lines, not the run.
        data += done;
        length -= (size_t)done;
    }
}

void log_open(const struct spec *spec) {
    limit = spec->log_limit;
    events_limit = limit < 65536 ? 65536 : limit;
    tail_size = (size_t)spec->log_tail;
    log_file = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    event_file = open("events", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void keep_tail(const char *header, const char *data, size_t length) {
    size_t need = HEADER + length;
    if (tail_size < need) return;
    if (!tail && !(tail = malloc(tail_size))) return;
    if (tail_length + need > tail_size) {
        // Half goes at once, so that a flood does not move the other half for every frame.
        size_t drop = 0;
        while (drop < tail_length && (drop < tail_size / 2 || tail_length - drop + need > tail_size))
            drop += HEADER + ((unsigned char)tail[drop + 2] | (size_t)(unsigned char)tail[drop + 3] << 8);
        tail_length -= drop;
        memmove(tail, tail + drop, tail_length);
    }
    memcpy(tail + tail_length, header, HEADER);
    memcpy(tail + tail_length + HEADER, data, length);
    tail_length += need;
}

int log_write(int stream, const char *data, size_t length, long long at) {
    uint32_t ms = at > UINT32_MAX ? UINT32_MAX : (uint32_t)at;
    while (length > 0) {
        size_t part = length;
        int in_head = log_kept < limit && tail_length == 0;
        if (in_head && (long long)part > limit - log_kept) part = (size_t)(limit - log_kept);
        char frame[HEADER + 65536];
        char header[HEADER] = { (char)stream, 0, (char)(part & 255), (char)(part >> 8), (char)ms, (char)(ms >> 8), (char)(ms >> 16), (char)(ms >> 24) };
        log_seen += (long long)part;
        if (in_head) {
            memcpy(frame, header, HEADER);
            memcpy(frame + HEADER, data, part);
            write_all(log_file, frame, HEADER + part);
            log_kept += (long long)part;
        } else keep_tail(header, data, part);
        data += part;
        length -= part;
    }
    return log_seen > 16 * limit;
}

// Messages of the program are for who looks now: where they have filled their file it begins anew.
int event_write(const char *data, size_t length) {
    if (events_length > 0 && events_length + (long long)length > events_limit) {
        if (ftruncate(event_file, 0) == 0) events_length = 0;
        events_wrapped++;
    }
    write_all(event_file, data, length);
    events_length += (long long)length;
    events_seen += (long long)length;
    return 0;
}

void log_close(void) {
    if (tail_length > 0) {
        int file = open("log.tail", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file >= 0) write_all(file, tail, tail_length);
        if (file >= 0) close(file);
    }
    close(log_file);
    close(event_file);
}
