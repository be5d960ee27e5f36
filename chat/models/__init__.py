"""Tables of the live moment. `session` stands alone; `callback` and `leaving` name it."""

from chat.models.callback import Callback, CallbackTry
from chat.models.leaving import Transcript
from chat.models.session import Key, Session, Site

__all__ = ["Callback", "CallbackTry", "Key", "Session", "Site", "Transcript"]
