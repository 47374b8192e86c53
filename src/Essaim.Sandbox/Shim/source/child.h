struct pipes { int null, out, err, events, info, go; };   // go: -1 where nobody waits for a word

int take_slot(const struct spec *spec);
void become(const struct spec *spec, const struct pipes *pipes, long uid, int report);
