"""Meta-joint optimisation (3DDFA_V2, section 3.2)."""

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from . import Loss

Batch = tuple[Tensor, Tensor]
Step = Callable[[Loss, int], Tensor]


class Sized:
    """
    `loss` in the size of `like`: candidates go on from the same moments of AdamW, in which the gradients of the smaller one (fWPDC's are
    thousands of times smaller than VDC's) would be lost. The ratio carries no gradient.
    """

    def __init__(self, loss: Loss, like: Loss):
        self.loss = loss
        self.like = like

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        cost, size = self.loss(predicted, true), self.like(predicted.detach(), true)
        return cost * (size / cost.detach().clamp_min(1e-12))


class MetaJoint:
    """
    Looks ahead k steps with each of several losses (VDC and fWPDC) from the same state, compares them by `judge` on a batch
    that none of them saw, and goes on from the better one.
    """

    def __init__(self, candidates: dict[str, Loss], judge: Loss):
        self.candidates = candidates
        self.judge = judge

    def advance(
        self, network: nn.Module, optimiser: torch.optim.Optimizer, step: Step, batch: Callable[[int], Batch], numbers: range
    ) -> tuple[str, Tensor]:
        """
        `step` trains once with a loss on the batch of a number, each of `numbers`, and returns the cost. `batch` makes one by its
        number: the next, to judge on. Returns the name of the loss that was kept, and its last cost. One that does not lead to
        finite numbers is kept only where none does.
        """
        unseen = batch(numbers.stop)
        start = copy.deepcopy((network.state_dict(), optimiser.state_dict()))
        outcomes: dict[str, tuple[float, Tensor, tuple[dict, dict]]] = {}
        for name, loss in self.candidates.items():
            self._restore(network, optimiser, start)
            costs = [step(loss, number) for number in numbers]
            error = self._error(network, unseen)
            finite = math.isfinite(error) and math.isfinite(sum(costs).item())
            outcomes[name] = error if finite else math.inf, costs[-1], copy.deepcopy((network.state_dict(), optimiser.state_dict()))
        best = min(outcomes, key=lambda name: outcomes[name][0])
        _, cost, state = outcomes[best]
        self._restore(network, optimiser, state)
        return best, cost

    def _restore(self, network: nn.Module, optimiser: torch.optim.Optimizer, state: tuple[dict, dict]) -> None:
        network.load_state_dict(state[0])
        # load_state_dict keeps the very tensors it is given, and the next step would write into them.
        optimiser.load_state_dict(copy.deepcopy(state[1]))

    def _error(self, network: nn.Module, batch: Batch) -> float:
        was_training = network.training
        network.eval()
        with torch.no_grad():
            error = self.judge(network(batch[0]).float(), batch[1]).item()
        network.train(was_training)
        return error
