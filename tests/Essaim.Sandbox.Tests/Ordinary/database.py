# result: [["beam", 2.5]]
# collected: parts.db
import sqlite3


def main():
    with sqlite3.connect("parts.db") as database:
        database.execute("create table parts (name text, length real)")
        database.execute("insert into parts values ('beam', 2.5)")
        return database.execute("select * from parts").fetchall()
