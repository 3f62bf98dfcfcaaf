"""Frameworks and data exchanged with people who work in Excel and Word.

Reads annexes of ministries and tables of COINr, writes frameworks as workbooks, sends forms out
and reads them back.
"""
