"""Tables of the live moment. `session` stands alone; the others name it."""

from chat.models.callback import Callback, CallbackTry
from chat.models.handing import Handover
from chat.models.leaving import Transcript
from chat.models.session import Key, Session, Site

__all__ = ["Callback", "CallbackTry", "Handover", "Key", "Session", "Site", "Transcript"]
