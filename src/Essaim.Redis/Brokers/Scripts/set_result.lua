-- Stores the document ARGV[6] under ARGV[4] for ARGV[5] ms ('0': for ever).
return store_result(ARGV[4], ARGV[5], ARGV[6]) and 1 or 0
