"""Learn to foretell an airport's temperature six hours ahead, and tell how well that goes.

The model is linear, learns from all hours before November and is measured on the rest of the
year, beside the guess that the temperature stays as it is.
Written for Python 3.8 and scikit-learn 1.2, of SageMaker's scikit-learn 1.2-1 images.
"""

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from weatherlib.hours import Observation, Pair, pairs

PROCESSING = Path("/opt/ml/processing")
MEASURED_FROM = datetime(2013, 11, 1, tzinfo=timezone.utc).timestamp()


def observations(weather: pd.DataFrame) -> "list[Observation]":
    """Read the hours of an airport's table."""
    times = pd.to_datetime(weather["time_hour"], utc=True)
    seconds = [time.timestamp() for time in times]
    return list(map(Observation, seconds, weather.hour, weather.temp, weather.dewp, weather.humid))


def fit(hours: "list[Pair]") -> "dict[str, float]":
    """Return the mean absolute error in degrees Fahrenheit, of the model and of the guess."""
    learnt = [hour for hour in hours if hour.time < MEASURED_FROM]
    measured = [hour for hour in hours if hour.time >= MEASURED_FROM]
    model = LinearRegression()
    model.fit([hour.known for hour in learnt], [hour.later for hour in learnt])
    true = [hour.later for hour in measured]
    return {
        "model_error": mean_absolute_error(true, model.predict([hour.known for hour in measured])),
        "guess_error": mean_absolute_error(true, [hour.known[0] for hour in measured]),
    }


def main() -> None:
    """Read, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--airport", type=Path, default=PROCESSING / "input/airport")
    parser.add_argument("--fits", type=Path, default=PROCESSING / "output/fits")
    arguments = parser.parse_args()
    (file,) = arguments.airport.glob("*.csv")
    errors = fit(list(pairs(observations(pd.read_csv(file)))))
    print(f"{file.stem}: {errors}")
    arguments.fits.mkdir(parents=True, exist_ok=True)
    (arguments.fits / "fit.json").write_text(json.dumps({"airport": file.stem, **errors}))


if __name__ == "__main__":
    main()
