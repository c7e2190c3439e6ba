"""The three networks. Inputs are dicts of tensors named as in the feature schema."""

import torch
from torch import nn

from vocabulary import DIMENSIONS

HIDDEN = 96
MATCHED = 24
ITEM_DROPOUT = 0.3
# Lists of the user, with the input that weights them.
LISTS = [
    ("user_tags", "user_tag_weights", "tag"),
    ("user_creators", "user_creator_weights", "creator"),
    ("user_songs", "user_song_weights", "song"),
    ("user_recent_creators", None, "creator"),
    ("user_recent_songs", None, "song"),
    ("user_follows", None, "creator"),
    ("user_communities", None, "community"),
]
ITEM_IDS = ["creator", "song", "kind", "region", "language", "tone", "item"]
USER_IDS = ["region", "language"]


class Embedding(nn.Module):
    """Rows of a vocabulary; row 0 is zero and stays so."""

    def __init__(self, size, dimension, dropout=0.0):
        super().__init__()
        self.table = nn.Embedding(size + 1, dimension, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.05)
        self.dropout = dropout
        with torch.no_grad():
            self.table.weight[0].zero_()

    def forward(self, ids):
        if self.training and self.dropout > 0:
            # Id dropout: the network must also know what to do with an id that it never met.
            ids = ids * (torch.rand(ids.shape) >= self.dropout)
        return self.table(ids)


class UserSide(nn.Module):
    """Everything that is known of the user, as one vector."""

    def __init__(self, sizes, dense, id_dropout):
        super().__init__()
        self.lists = nn.ModuleDict({v: Embedding(sizes[v], DIMENSIONS[v], id_dropout) for v in sorted({v for _, _, v in LISTS})})
        self.ids = nn.ModuleDict({v: Embedding(sizes[v], DIMENSIONS[v]) for v in USER_IDS})
        self.width = dense + sum(DIMENSIONS[v] for _, _, v in LISTS) + sum(DIMENSIONS[v] for v in USER_IDS)

    def forward(self, x):
        parts = [x["user_dense"]]
        for name, weights, vocabulary in LISTS:
            vectors = self.lists[vocabulary](x[name])
            known = (x[name] > 0).float()
            weight = x[weights] * known if weights else known
            # The root keeps the strength of a long history without letting it swamp the rest.
            scale = torch.sqrt((weight * weight).sum(1, keepdim=True) + 1.0)
            parts.append((vectors * weight.unsqueeze(2)).sum(1) / scale)
        for i, vocabulary in enumerate(USER_IDS):
            parts.append(self.ids[vocabulary](x["user_ids"][:, i]))
        return torch.cat(parts, 1)


class ItemSide(nn.Module):
    """Everything that an item's document says, as one vector."""

    def __init__(self, sizes, dense, id_dropout):
        super().__init__()
        # An item's own id is dropped more: a new item has none, and must be ranked by all the rest.
        drop = {"creator": id_dropout, "song": id_dropout, "item": max(id_dropout, ITEM_DROPOUT)}
        self.ids = nn.ModuleDict({v: Embedding(sizes[v], DIMENSIONS[v], drop.get(v, 0.0)) for v in ITEM_IDS})
        self.tags = Embedding(sizes["tag"], DIMENSIONS["tag"])
        self.width = dense + sum(DIMENSIONS[v] for v in ITEM_IDS) + DIMENSIONS["tag"]

    def forward(self, x):
        parts = [x["item_dense"]]
        parts += [self.ids[v](x["item_ids"][:, i]) for i, v in enumerate(ITEM_IDS)]
        known = (x["item_tags"] > 0).float().sum(1, keepdim=True)
        parts.append(self.tags(x["item_tags"]).sum(1) / torch.sqrt(known + 1.0))
        return torch.cat(parts, 1)


class Projection(nn.Module):
    """A linear map beside a small network: the map learns fast, the network what is left."""

    def __init__(self, inputs, outputs, dropout):
        super().__init__()
        self.straight = nn.Linear(inputs, outputs)
        self.deep = nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Dropout(dropout), nn.Linear(HIDDEN, outputs))

    def forward(self, x):
        return self.straight(x) + self.deep(x)


class Ranker(nn.Module):
    """Deep multi-objective ranker: per objective a dot product of user and item, and a network over both with cross, dynamic and context features."""

    def __init__(self, sizes, widths, objectives, id_dropout, dropout):
        super().__init__()
        self.objectives = objectives
        self.user = UserSide(sizes, widths["user_dense"], id_dropout)
        self.item = ItemSide(sizes, widths["item_dense"], id_dropout)
        self.user_match = Projection(self.user.width + widths["context"], objectives * MATCHED, dropout)
        self.item_match = Projection(self.item.width, objectives * MATCHED, dropout)
        self.user_first = nn.Linear(self.user.width + widths["context"], HIDDEN)
        self.item_first = nn.Linear(self.item.width + widths["item_dynamic"] + widths["cross"] + objectives * MATCHED, HIDDEN)
        self.rest = nn.Sequential(nn.ReLU(), nn.Dropout(dropout), nn.Linear(HIDDEN, HIDDEN // 2), nn.ReLU(), nn.Linear(HIDDEN // 2, objectives))

    def forward(self, x, request_of=None):
        """Logits, one row an item. `request_of` says whose items these are; without it there is one request."""
        user = torch.cat([self.user(x), x["context"]], 1)
        matched, first = self.user_match(user), self.user_first(user)
        if request_of is not None:
            matched, first = matched[request_of], first[request_of]
        item = self.item(x)
        product = matched * self.item_match(item)
        dots = product.reshape(-1, self.objectives, MATCHED).sum(2)
        deep = self.rest(first + self.item_first(torch.cat([item, x["item_dynamic"], x["cross"], product], 1)))
        return dots + deep


class UserTower(nn.Module):
    """One head an objective: free components, a one for that objective's bias component of the item, and the user's own bias."""

    def __init__(self, sizes, widths, objectives, dimension, id_dropout, dropout):
        super().__init__()
        self.objectives, self.free = objectives, dimension - objectives - 1
        self.user = UserSide(sizes, widths["user_dense"], id_dropout)
        self.heads = Projection(self.user.width, objectives * (self.free + 1), dropout)
        self.register_buffer("select", torch.eye(objectives))

    def forward(self, x):
        user = self.user(x)
        raw = self.heads(user).reshape(-1, self.objectives, self.free + 1)
        select = self.select.unsqueeze(0) + torch.zeros_like(raw[:, :, : self.objectives])
        return torch.cat([raw[:, :, : self.free], select, raw[:, :, self.free :]], 2)


class ItemTower(nn.Module):
    """Free components, one bias component an objective, and a one that takes up the user's bias."""

    def __init__(self, sizes, widths, objectives, dimension, id_dropout, dropout):
        super().__init__()
        self.item = ItemSide(sizes, widths["item_dense"], id_dropout)
        self.vector = Projection(self.item.width, dimension - 1, dropout)

    def forward(self, x):
        vector = self.vector(self.item(x))
        return torch.cat([vector, torch.ones_like(vector[:, :1])], 1)


class Towers(nn.Module):
    """Both towers, for training: a logit is the dot product of a head and an item vector."""

    def __init__(self, user, item):
        super().__init__()
        self.user, self.item = user, item

    def forward(self, x, request_of):
        return (self.user(x)[request_of] * self.item(x).unsqueeze(1)).sum(2)
