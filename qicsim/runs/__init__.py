"""The engine of experiments: scenarios x points x replicates on any executor, kept run by run, resumed and extended.

    study (a file, or Python) -> design (which runs, in which order, under which address)
        -> tasks on an executor -> store (files that survive anything) -> results and tables

`experiment` runs, resumes, extends, reports and merges; the other modules do one thing each.
"""
