"""Where Rasa's action server looks for actions."""

from actions.rasa_actions import *  # noqa: F403
