"""The science: no files, no data frames, no figures; numbers in, numbers out."""
