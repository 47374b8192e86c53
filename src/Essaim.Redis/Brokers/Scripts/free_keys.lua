-- Frees unique keys before their tasks end. ARGV[4] on: key, task each.
for i = 4, #ARGV, 2 do free_unique(ARGV[i], ARGV[i + 1]) end
return 1
