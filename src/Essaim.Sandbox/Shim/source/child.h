struct pipes { int null, out, err, events, info, go; };   // go: -1 where nobody waits for a word

int take_slot(const struct spec *spec);
void name_user(struct spec *spec, long uid);
void become(const struct spec *spec, const struct pipes *pipes, long uid, int report);

// channel.c
enum channel { CHANNEL_OUT, CHANNEL_ERR, CHANNEL_EVENTS, CONTROL, FACTS, CHANNELS };
enum told { NOTHING, GREETED, ENDED };
struct held_end { int code; long long user_ms, system_ms; long max_rss_kb; long long oom, peak, refused, cpu_us; };
int channel_open(uid_t uid);
int channel_pipe(enum channel which);
void channel_say(char word);
enum told channel_read(const char *text, struct held_end *end);
pid_t run_command(char **args, char **env);
