-- Publishes what ARGV[4] on says. Returns, for each unique key asked for, '' or the task that holds it.
run_publish(4)
return unique_outcomes
