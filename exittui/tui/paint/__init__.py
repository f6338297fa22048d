"""How each pane looks: functions from a frozen view and a size to lines, without Textual."""
