"""Controls: native, each with a label, so that keys and screen readers work."""

from html import escape

from backprop.diagram import number, written
from backprop.widgets.formulas import symbol
from backprop.widgets.parameters import listed


def slider(name, label, value, low, high, step, shown, spoken):
    """A range input; `label` is HTML, `spoken` the same as plain text, `shown` its value."""
    return (
        f'<label class="bp-slider"><span class="bp-label">{label}</span><input type="range" '
        f'name="{name}" aria-label="{escape(spoken)}" min="{low:g}" max="{high:g}" step="{step:g}" '
        f'value="{value:g}" aria-valuetext="{escape(shown)}"><span class="bp-value" '
        f'aria-hidden="true">{escape(shown)}</span></label>'
    )


def choice(name, label, options, chosen):
    """A select; `options` maps each value to its text, or a group's name to a dict of them."""
    items = "".join(
        f'<optgroup label="{escape(value)}">{_options(text, chosen)}</optgroup>'
        if isinstance(text, dict)
        else _options({value: text}, chosen)
        for value, text in options.items()
    )
    return (
        f'<label class="bp-choice"><span class="bp-label">{label}</span>'
        f'<select name="{name}">{items}</select></label>'
    )


def _options(options, chosen):
    mark = {chosen: ' selected=""'}
    return "".join(
        f'<option value="{value}"{mark.get(value, "")}>{escape(text)}</option>'
        for value, text in options.items()
    )


def button(name, label, value=""):
    return f'<button type="button" name="{name}" value="{value}">{escape(label)}</button>'


def group(legend, controls):
    """Controls that belong together, under a legend."""
    return f"<fieldset><legend>{escape(legend)}</legend>{controls}</fieldset>"


# — for the numbers of a network —


def letter_slider(control, name, value, low, high, by=0.01):
    """A slider for the number behind a letter, such as "w1_2_1" or "eta"."""
    return slider(control, symbol(name), float(value), low, high, by, number(value), written(name))


def letter_sliders(letter, column, low, high):
    """A slider for each entry of a column: x_1, x_2, ..."""
    names = [f"{letter}_{k}" for k in range(1, len(column) + 1)]
    pairs = zip(names, column[:, 0], strict=True)
    return "".join(letter_slider(name, name, value, low, high) for name, value in pairs)


def parameter_choice(control, label, net, chosen):
    """A list of all weights and biases of a network, grouped by where they lead."""
    return choice(control, label, listed(net.sizes), chosen)
