"""Live what-if: a local page whose sliders run the real model.

controls  what can be moved, from declarations, and what a page asks; plans as scenarios and as files
runs      draws whose pasts are kept in memory, so that a change of a lever runs the years after it alone
figures   runs as numbers and sentences of the page
made      what is made from a choice: a scenario file, unit costs, the page of a comparison, a plan
page      the page
server    who may ask, one stream of lines for each change, the latest change of a tab wins
"""
