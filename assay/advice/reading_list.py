"""The rules of thumb and diagnoses that this advice rests on, each in our own words, with what decides it.

H are rules of Goodfellow et al. 2016 as Macaluso 2018 collected them, Z are diagnoses, D looks at the data. `rule` is
the one of `assay.advice.rule_catalog` that decides it from a run's measurements; where there is none, `why` says why no
measurement of a run can. Numbers that the sources give as a family share a line.

Source: Macaluso 2018, Deep Learning Rules of Thumb; Goodfellow et al. 2016; Karpathy 2016 and 2019; Wei 2015.
"""

from __future__ import annotations

from typing import NamedTuple

BELIEF = "a view of how training works: nothing that a run measures speaks for or against it"
ONE_NETWORK = "a run trains one architecture to its end; only a comparison of several could tell"
NOT_COMPARED = "it compares methods of which a run trains one: `assay ablate --tricks` measures the difference"
NO_SEQUENCES = "no measurement of a run follows a signal or a gradient over time steps"
NO_GENERATIVE = "Assay's runs train classifiers and regressions; nothing generative is measured"
PREPARATION = "the preparation of inputs is the data's own and is not varied in a run"
SERVING = "it is about systems of several models at work, of which a run knows nothing"
BY_HAND = "a person has to look, and nothing that is measured replaces it"


class Line(NamedTuple):
    """ids: one, or those of a family. rule: the name of what decides it, or "" for reading; why: then the reason."""

    ids: tuple[str, ...]
    words: str
    rule: str = ""
    why: str = ""


def family(letter: str, first: int, last: int) -> tuple[str, ...]:
    """H96, H97, ... for a family that is told in one line."""
    return tuple(f"{letter}{number}" for number in range(first, last + 1))


LINES: tuple[Line, ...] = (
    Line(("H1",), "with about 5,000 labelled examples of each class results become acceptable", "data_size"),
    Line(("H2",), "a person's level takes a data set of ten million labelled examples", "data_size"),
    Line(("H3",), "in practice nobody minds that a minimum is only local", why=BELIEF),
    Line(("H4",), "where capacity is right and test lags behind training, collect data", "more_data"),
    Line(("H5",), "a fifth of what is trained on makes a validation split", "validation_size"),
    Line(("H6",), "with fewer than 100,000 examples let folds take turns at validation", "validation_size"),
    Line(("H7",), "under squared error more capacity trades bias for variance", why=ONE_NETWORK),
    Line(("H8",), "averaging over all parameters pays on little data and costs too much on large", why=NOT_COMPARED),
    Line(("H9",), "begin with the negative log-likelihood as the loss", "loss_choice"),
    Line(("H10",), "rectifiers first; sigmoids only in gates, probabilities and some autoencoders", "saturated_units"),
    Line(("H11",), "cross-entropy learns where squared and absolute errors saturate", "loss_choice"),
    Line(("H12",), "against rectifiers that died: a leak, or noise", "idle_units"),
    Line(("H13",), "larger gradients learn faster until they grow so large that nothing is stable", "gradient_spikes"),
    Line(("H14",), "validation error chooses among architectures", why=ONE_NETWORK),
    Line(("H15",), "more depth needs fewer units and generalises better", why=ONE_NETWORK),
    Line(("H16",), "one weight decay for all layers is the practical choice", why=NOT_COMPARED),
    Line(("H17",), "stop early, always", "early_stop"),
    Line(("H18",), "after an early stop: train anew on all data, for as many updates or as many passes",
         why="it is a way to use validation examples up; after it no split is left to measure what it brought"),
    Line(("H19",), "or go on with all data until the loss on what was validation is that of training at the stop; "
         "cap it", why="as the line before: nothing is left to measure it on"),
    Line(("H20",), "the mean of several networks is nearly always better than one of them", "ensemble"),
    Line(("H21",), "dropout is an ensemble that costs next to nothing", why=BELIEF),
    Line(("H22",), "dropout works better in wide layers", "dropout"),
    Line(("H23",), "keep .8 of the inputs and half of the hidden units", "dropout"),
    Line(("H24",), "with dropout take a larger network and train longer", "dropout"),
    Line(("H25",), "on very large data dropout brings little", "dropout"),
    Line(("H26",), "below 5,000 examples dropout is weak", "dropout"),
    Line(("H27",), "batch norm may make dropout needless", "dropout"),
    Line(("H28",), "take batches as large as memory holds", "batch_size"),
    Line(("H29",), "powers of two, 32 to 256, or 16 for large networks", "batch_size"),
    Line(("H30",), "small batches regularise and ask for a smaller rate", "batch_size"),
    Line(("H31",), "a gradient that does not go to nothing tells that this is no minimum", "gradient_at_rest"),
    Line(("H32",), "saddle points outnumber minima, and descent gets past them", why=BELIEF),
    Line(("H33",), "clip gradients that explode, in recurrent networks above all", "gradient_spikes"),
    Line(("H34",), "read the learning rate off the curve of the loss", "learning_rate_shape"),
    Line(("H35",), "the best rate lies above the one that leads after 100 steps, and below what is unstable",
         "searched_rate"),
    Line(("H36",), "normal or uniform first weights: it makes no difference", why=NOT_COMPARED),
    Line(("H37",), "the scale of first weights does make one: twins if too small, explosion if too large",
         "first_weights"),
    Line(("H38",), "treat that scale, and whether they are sparse, as settings to search",
         why="the search of a run draws the learning rate and the weight decay only"),
    Line(("H39",), "choose the scale by how signals or gradients spread on one mini-batch", "first_weights"),
    Line(("H40",), "no optimiser is the best everywhere", why=NOT_COMPARED),
    Line(("H41",), "RMSProp's first steps are biased", "optimizer_choice"),
    Line(("H42",), "momentum of .5, .9 or .99, perhaps rising", "optimizer_choice"),
    Line(("H43",), "Adam forgives much, but its rate may need another value", "searched_rate"),
    Line(("H44",), "normalise what the weights give, and leave their bias out",
         why="Assay's networks are built so; of a network of your own it is a matter of its program"),
    Line(("H45",), "in convolutions normalise a whole map together",
         why="Assay's networks are built so; of a network of your own it is a matter of its program"),
    Line(("H46",), "thin and deep is harder to train and generalises better", why=ONE_NETWORK),
    Line(("H47",), "a network that is easy to train beats a clever optimiser", why=ONE_NETWORK),
    Line(("H48",), "pooling takes inputs of any size", why=ONE_NETWORK),
    Line(("H49",), "with zero padding the kernel does not decide the output's size", why=ONE_NETWORK),
    Line(("H50",), "the best padding lies between none and one that keeps the size", why=ONE_NETWORK),
    Line(("H51",), "rank architectures by random weights with only the last layer trained", why=ONE_NETWORK),
    Line(("H52",), "read a sequence in both directions where all of it is known", why=NO_SEQUENCES),
    Line(("H53",), "recurrent layers on images cost more and reach further sideways", why=NO_SEQUENCES),
    Line(("H54",), "gradients over long distances are exponentially smaller: measure them", why=NO_SEQUENCES),
    Line(("H55",), "recurrent weights: sparse, with a spectral radius of 1.2", why=NO_SEQUENCES),
    Line(("H56",), "in practice recurrent networks have gates", why=NO_SEQUENCES),
    Line(("H57",), "let forget gates begin open, with a bias of 1", why=NO_SEQUENCES),
    Line(("H58",), "with plain descent no second-order method is needed for gated networks", why=NO_SEQUENCES),
    Line(("H59",), "clip, and regularise so that information flows; little use on very large data", why=NO_SEQUENCES),
    Line(("H60",), "let the model refuse, and report accuracy against coverage", "refusal"),
    Line(("H61",), "a first network has rectifiers of some kind", "saturated_units"),
    Line(("H62",), "a first optimiser is descent with momentum and a falling rate", "optimizer_choice"),
    Line(("H63",), "let the rate fall: in a line to a floor, exponentially, or by 2 to 10 at each stand", "rate_decay"),
    Line(("H64",), "or let Adam do it", "optimizer_choice"),
    Line(("H65",), "where optimisation is troubled, batch norm at once", "batch_norm"),
    Line(("H66",), "some regularisation from the start below ten million examples", "regularisation"),
    Line(("H67",), "dropout, or batch norm in its place", "dropout"),
    Line(("H68",), "copy the network, even its weights, of the best-studied task that is like yours",
         why="what tasks are alike is known to the person, not to the run"),
    Line(("H69",), "learn from unlabelled examples first only where that is known to matter", why=NOT_COMPARED),
    Line(("H70",), "training error too high: a larger network, a better search; if that fails, the data's quality",
         "capacity"),
    Line(("H71",), "training fine and test poor: more data; else a smaller or more regularised network", "more_data"),
    Line(("H72",), "where no more data are to be had, better learning", "regularisation"),
    Line(("H73",), "plot error against the number of examples, on a log scale, before collecting", "learning_curve"),
    Line(("H74",), "the learning rate matters most of all settings", "searched_rate"),
    Line(("H75",), "tune the others with an eye on both errors",
         why="it is how a person reads two curves; the tree takes the same two errors at their end"),
    Line(("H76",), "training error above the target: capacity; only test error: a large one, regularised", "capacity"),
    Line(("H77",), "where training error is low, more data always help", "learning_curve"),
    Line(("H78",), "a grid for three settings at most, on a log scale, narrowed again and again",
         why="`assay tune` draws at random; a grid is never what a run did"),
    Line(("H79",), "else draw settings at random, and repeat", "search_effort"),
    Line(("H80",), "a model of the settings is not always worth its trouble", why=NOT_COMPARED),
    Line(("H81",), "watch the model at work", why=BY_HAND),
    Line(("H82",), "look at the worst mistakes", "worst_mistakes"),
    Line(("H83",), "a handful of examples that cannot be fitted tells a fault from a small network", "tiny_fit"),
    Line(("H84",), "look at how activations and gradients spread in one epoch", "idle_units"),
    Line(("H85",), "a step is about a hundredth of the weights; of sparse features more seldom", "step_size"),
    Line(("H86",), "let workers step without waiting for each other", why=SERVING),
    Line(("H87",), "cascades: first a model that misses nothing, then one that is right", why=SERVING),
    Line(("H88",), "a gate that chooses which expert answers", why=SERVING),
    Line(("H89",), "one range for all pixels is the only strict need of images", "input_scale"),
    Line(("H90",), "normalising contrast is safe, but the global kind loses edges in the dark", why=PREPARATION),
    Line(("H91",), "a scale of 1, or one that gives pixels unit deviation", why=PREPARATION),
    Line(("H92",), "closely cropped images: no constant under the root, a tiny floor", why=PREPARATION),
    Line(("H93",), "small random crops: 10 under the root, no floor", why=PREPARATION),
    Line(("H94",), "local contrast by separable convolutions", why=PREPARATION),
    Line(("H95",), "a hierarchy of softmaxes is worse in test than sampling", why=NO_SEQUENCES),
    Line(family("H", 96, 99), "linear models of factors lead to autoencoders; sparse ones find features; depth by "
         "stacking them greedily", why=NO_GENERATIVE),
    Line(family("H", 100, 106), "a good representation makes the next task easy; learning without labels first helps "
         "text and few labels; choose its settings by supervised validation; tasks that share factors share weights",
         why="a run learns from labels alone, for one task"),
    Line(family("H", 107, 110), "structure spares parameters; hidden variables are hard to read; no loopy belief "
         "propagation", why=NO_GENERATIVE),
    Line(family("H", 111, 115), "Markov chains: burn in, thin out, run about 100 side by side, see that they mix; "
         "Gibbs first; the likeliest code for sparse coding", why=NO_GENERATIVE),
    Line(family("H", 116, 119), "Boltzmann machines and belief networks may give first weights", why=NO_GENERATIVE),
    Line(("H121",), "variational autoencoders are simple, and their pictures are blurred", why=NO_GENERATIVE),
    Line(family("H", 122, 124), "adversarial networks need not converge and want careful settings; let the generator "
         "maximise the critic's mistake", why=NO_GENERATIVE),
    Line(("H125",), "a pyramid of adversarial networks for large pictures", why=NO_GENERATIVE),
    Line(("H126",), "noise on the generator's last layer", why=NO_GENERATIVE),
    Line(("H127",), "dropout in the critic", why=NO_GENERATIVE),
    Line(("H128",), "matching moments, on the code of an autoencoder", why=NO_GENERATIVE),
    Line(("H129",), "transposed convolutions instead of dense layers", why=NO_GENERATIVE),
    Line(("H130",), "undoing a pooling works though its assumption is false", why=NO_GENERATIVE),
    Line(family("H", 132, 136), "judge generators on equal preparation, blindly, beside the nearest training example, "
         "with a measure for the purpose; likelihood rewards blank images", why=NO_GENERATIVE),
    Line(("H137",), "mirror images only where the label survives it", "mirrored_labels"),
    Line(("H138",), "embeddings learned before, and a gated network, for text", why=NO_SEQUENCES),
    Line(("Z1",), "a straight loss: rate low; flat, or fast and then stuck: rate high; exploding: far too high",
         "learning_rate_shape"),
    Line(("Z2",), "a wide curve asks for a larger batch", "wide_loss"),
    Line(("Z3",), "a large gap: regularise; none, and a low score: capacity", "more_data"),
    Line(("Z4",), "only a gradient that goes to nothing speaks for a minimum", "gradient_at_rest"),
    Line(("Z5",), "histograms of activations show dead and saturated units", "idle_units"),
    Line(("Z6",), "a step of about 1 % of the weights, not 50 % and not .001 %", "step_size"),
    Line(("Z7",), "fit a tiny set: fault, or too small?", "tiny_fit"),
    Line(("Z8",), "the worst mistakes, and the model at work", "worst_mistakes"),
    Line(("Z9",), "the learning curve tells how much data", "learning_curve"),
    Line(("Z10",), "the tree: poor training, then poor test", "capacity"),
    Line(("Z11",), "what the first filters look like", "first_filters"),
    Line(("Z12",), "answers that jitter from look to look", "restless_answers"),
    Line(("Z13",), "gradients held against differences", "pipeline_fault"),
    Line(("Z14",), "what an optimiser guarantees can be tested", "pipeline_fault"),
    Line(("Z15",), "a Wasserstein critic's loss follows the pictures' quality; a sudden drop: it is not at its best",
         why=NO_GENERATIVE),
    Line(("Z16",), "overfitting shows early in the test loss of a range test",
         why="the range test of a run looks at the training loss alone"),
    Line(("Z17",), "chains mix if their autocorrelation dies away", why=NO_GENERATIVE),
    Line(("D1",), "equal and nearly equal examples, within and across splits", "duplicates"),
    Line(("D2",), "broken files and wrong labels", "label_noise"),
    Line(("D3",), "how many examples each class has", "class_balance"),
    Line(("D4",), "sort, filter and plot every attribute, and look at the outliers", why=BY_HAND),
    Line(("D5",), "ask of the data: what matters, what varies for nothing, how small may it be", why=BY_HAND),
    Line(("D6",), "mistakes of the model are a probe of the data", "worst_mistakes"),
    Line(("D7",), "pixels in one range", "input_scale"),
    Line(("D8",), "a fifth for validation; folds where there are few examples", "validation_size"),
    Line(("D9",), "let several kinds of models vote on each label", "label_noise"),
    Line(("D10",), "data matter more than any trick", why=BELIEF),
    Line(("D11",), "against rare classes: sampling, weights, crops, the last bias", "class_balance"),
    Line(("D12",), "equal preparation where generators are compared", why=NO_GENERATIVE),
    Line(("D13",), "borrowed weights want the means they were trained with; labels move with mirrored images",
         why="a run begins from weights of its own; `assay verify` looks for the other silent faults"),
)  # fmt: skip
