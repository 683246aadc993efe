"""The peer: scikit-learn's Isolation Forest on one host. TRAIN.csv TEST.csv -> one score a row on standard output."""
import csv
import sys

import numpy
from sklearn.ensemble import IsolationForest


def rows(path):
    with open(path, newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return numpy.array([[float(cell) for cell in line[1:]] for line in lines])


train, test = rows(sys.argv[1]), rows(sys.argv[2])
forest = IsolationForest(n_estimators=100, max_samples=min(4000, len(train)), random_state=7).fit(train)
print("\n".join("%.6f" % -score for score in forest.score_samples(test)))
