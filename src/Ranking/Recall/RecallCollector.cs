using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Makes the answer of one request from what its channels have picked: everything, or without what cannot win (docs/recall.md).</summary>
internal sealed class RecallCollector(ModelScan model, PickZones zones)
{
    private readonly PreRankScorer _scorer = new(model);
    private readonly RowSet _certain = new();
    private readonly RowSet _uncertain = new();
    private readonly RowSet _sent = new();
    private readonly RowSet _certainKeys = new();
    private readonly RowSet _otherKeys = new();
    private int[] _rows = [];
    private float[] _scores = [];
    private float[] _dots = [];
    private int[] _closeRows = [];
    private float[] _closeScores = [];
    private ulong[] _closeKeys = [];

    public RecallResult Collect(PartitionView view, RecallTask task)
    {
        _scorer.Start(view, task);
        _sent.Clear(view.BitmapWords);
        _certain.Clear(view.BitmapWords);
        var all = 0;
        foreach (var picks in task.Picks)
        {
            foreach (var row in picks.Rows[..picks.Certain])
                _certain.Add(row);
            all += picks.Count;
        }
        // All that follows works on parts of these.
        Reserve(all);
        var leads = ModelLeads(view, task);
        var summary = leads ? SendModel(view, task) : Prune(view, task);
        _sent.Number();
        _sent.CopyTo(_rows);
        if (leads)
            ScoreOthers(view, task, task.Picks[(int)RecallChannel.Model]);
        else
            _scorer.Exact(view, task, _rows.AsSpan(0, _sent.Count), _dots, _scores);
        var candidates = new RecallCandidate[_sent.Count];
        for (var i = 0; i < candidates.Length; i++)
            candidates[i] = new RecallCandidate(view.Rows.KeyAt(_rows[i]), _rows[i], _scores[i]);

        // What the pass left of the model channel may be off; with a recall head its scores are not those of pre-ranking.
        if (view.RecallDimension > 0 && task.Picks[(int)RecallChannel.Model].Error > 0)
            model.ScoreChannel(view, task, _rows.AsSpan(0, _sent.Count), _dots);
        var keys = LeftKeys(view, task);
        var channels = new ChannelEntry[RecallChannels.Count][];
        var states = new ChannelZone[RecallChannels.Count];
        for (var channel = 0; channel < channels.Length; channel++)
            channels[channel] = Entries((RecallChannel)channel, task.Picks[channel], out states[channel]);
        return new RecallResult(candidates, channels, task.Counts) { Keys = keys, Zones = states, Summary = summary with { CertainKeys = _certainKeys.Count } };
    }

    // Whether the model channel's picks hold the best of all rows in pre-rank order, as many as can win: then no work of another channel can win by its pre-rank score that is not among them.
    private static bool ModelLeads(PartitionView view, RecallTask task)
    {
        var picks = task.Picks[(int)RecallChannel.Model];
        return task.Request.Pruning is { } pruning && picks.Error == 0 && picks.Count >= ShardShare.Most(pruning.Merge, pruning.Shards)
            && view.RecallDimension == 0 && task.Request.Ranker == PreRanker.Towers && task.Request.Scene.Calibration.IsNone();
    }

    // Nobody else's score is needed: others are sent for their channel's sake alone.
    private RecallSummary SendModel(PartitionView view, RecallTask task)
    {
        var pruning = task.Request.Pruning!;
        var bound = SendBest(view, task.Picks[(int)RecallChannel.Model].Rows, task.Picks[(int)RecallChannel.Model].Scores, ShardShare.Most(pruning.Merge, pruning.Shards));
        for (var channel = 0; channel < RecallChannels.Count; channel++)
            SendMinKeep(view, task, channel);
        return new RecallSummary(_certain.Number(), 0, 1, bound);
    }

    // Pre-rank scores of what is sent: the model channel's picks have theirs.
    private void ScoreOthers(PartitionView view, RecallTask task, ChannelPicks model)
    {
        _scores.AsSpan(0, _sent.Count).Fill(float.NaN);
        for (var i = 0; i < model.Count; i++)
        {
            if (_sent.Has(model.Rows[i]))
                _scores[_sent.NumberOf(model.Rows[i])] = model.Scores[i];
        }
        var others = 0;
        for (var i = 0; i < _sent.Count; i++)
        {
            _closeRows[others] = _rows[i];
            others += float.IsNaN(_scores[i]) ? 1 : 0;
        }
        _scorer.Exact(view, task, _closeRows.AsSpan(0, others), _dots, _closeScores);
        for (var i = 0; i < others; i++)
            _scores[_sent.NumberOf(_closeRows[i])] = _closeScores[i];
    }

    // Decides what is sent: see the protocol. Everything when nothing can be left out.
    private RecallSummary Prune(PartitionView view, RecallTask task)
    {
        _uncertain.Clear(view.BitmapWords);
        foreach (var picks in task.Picks)
        {
            foreach (var row in picks.Rows[picks.Certain..])
                _uncertain.Add(row);
        }
        for (var word = 0; word < view.BitmapWords; word++)
            _uncertain.Bits[word] &= ~_certain.Bits[word];
        var certain = _certain.Number();
        var all = certain + _uncertain.Number();
        var room = task.Request.Pruning is { } pruning ? ShardShare.Most(pruning.Merge, pruning.Shards) : int.MaxValue;
        if (certain > room)
        {
            _certain.CopyTo(_rows);
            _uncertain.CopyTo(_rows.AsSpan(certain));
            var error = _scorer.Rough(view, task, _rows.AsSpan(0, all), _scores);
            var limit = zones.KthScore(_scores.AsSpan(0, certain), room);
            if (limit > float.NegativeInfinity)
            {
                var bound = SendCertain(view, task, certain, all, room, limit, error);
                for (var channel = 0; channel < RecallChannels.Count; channel++)
                    SendMinKeep(view, task, channel);
                return new RecallSummary(certain, 0, 1, bound);
            }
        }
        for (var word = 0; word < view.BitmapWords; word++)
            _sent.Bits[word] = _certain.Bits[word] | _uncertain.Bits[word];
        return new RecallSummary(certain, 0, 0, ScoreBound.Worst);
    }

    // The best of the certain works, as many as there is room for, and the uncertain ones before the last of them.
    private ScoreBound SendCertain(PartitionView view, RecallTask task, int certain, int all, int room, float limit, float error)
    {
        var (close, closeCertain) = (0, 0);
        for (var i = 0; i < all; i++)
        {
            if (i == certain)
                closeCertain = close;
            // Whoever scores below the room-th rough score by twice the error has at least as many exact scores above.
            if (!(_scores[i] >= limit - (2 * error)))
                continue;
            (_closeRows[close], _closeKeys[close], _closeScores[close]) = (_rows[i], view.Rows.KeyAt(_rows[i]), _scores[i]);
            close++;
        }
        if (certain == all)
            closeCertain = close;
        if (error > 0)
            _scorer.Exact(view, task, _closeRows.AsSpan(0, close), _dots, _closeScores);
        var bound = zones.KthPlace(_closeScores.AsSpan(0, closeCertain), new KnownKeys(_closeKeys.AsSpan(0, closeCertain)), room);
        for (var i = 0; i < close; i++)
        {
            if (!bound.IsBefore(new ScoreBound(_closeScores[i], _closeKeys[i])))
                _sent.Add(_closeRows[i]);
        }
        return bound;
    }

    // The best of a channel by its own score, which win in any case when no other shard has better ones.
    private void SendMinKeep(PartitionView view, RecallTask task, int channel)
    {
        var picks = task.Picks[channel];
        var keep = Math.Min(task.Request.Pruning!.MinKeep[channel], picks.Count);
        if (keep <= 0)
            return;
        var rows = picks.Rows;
        var scores = picks.Scores;
        if (picks.Error > 0)
        {
            var limit = zones.KthScore(scores, keep) - (2 * picks.Error);
            var close = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                if (scores[i] >= limit)
                    _closeRows[close++] = rows[i];
            }
            model.ScoreChannel(view, task, _closeRows.AsSpan(0, close), _closeScores);
            rows = _closeRows.AsSpan(0, close);
            scores = _closeScores.AsSpan(0, close);
        }
        SendBest(view, rows, scores, keep);
    }

    // Sends the best of some rows and says where the last of them stands.
    private ScoreBound SendBest(PartitionView view, ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, int count)
    {
        var keys = new RowKeys(view.Rows, rows);
        var last = zones.KthPlace(scores, keys, count);
        for (var i = 0; i < rows.Length; i++)
        {
            if (scores[i] >= last.Score && !last.IsBefore(new ScoreBound(scores[i], keys.At(i))))
                _sent.Add(rows[i]);
        }
        return last;
    }

    // Keys of works that are in a list but were not sent: those that are certain in another channel first.
    private ulong[] LeftKeys(PartitionView view, RecallTask task)
    {
        _certainKeys.Clear(view.BitmapWords);
        _otherKeys.Clear(view.BitmapWords);
        foreach (var picks in task.Picks)
        {
            foreach (var row in picks.Rows[picks.Certain..])
            {
                if (!_sent.Has(row))
                    (_certain.Has(row) ? _certainKeys : _otherKeys).Add(row);
            }
        }
        var count = _certainKeys.Number() + _otherKeys.Number();
        if (count == 0)
            return [];
        _certainKeys.CopyTo(_rows);
        _otherKeys.CopyTo(_rows.AsSpan(_certainKeys.Count));
        var keys = new ulong[count];
        for (var i = 0; i < count; i++)
            keys[i] = view.Rows.KeyAt(_rows[i]);
        return keys;
    }

    private ChannelEntry[] Entries(RecallChannel channel, ChannelPicks picks, out ChannelZone zone)
    {
        var sent = 0;
        for (var i = 0; i < picks.Certain; i++)
            sent += _sent.Has(picks.Rows[i]) ? 1 : 0;
        zone = new ChannelZone(picks.Certain, sent, picks.IsCut ? 1 : 0, picks.IsLate ? 1 : 0, picks.WorstCertain, picks.BestCut);
        var entries = sent + picks.Count - picks.Certain is 0 ? [] : new ChannelEntry[sent + picks.Count - picks.Certain];
        var count = 0;
        for (var i = 0; i < picks.Count; i++)
        {
            var row = picks.Rows[i];
            if (_sent.Has(row))
                entries[count++] = new ChannelEntry(_sent.NumberOf(row), picks.Error > 0 && i < picks.Certain ? _dots[_sent.NumberOf(row)] : picks.Scores[i]);
            else if (i >= picks.Certain)
                entries[count++] = new ChannelEntry(_sent.Count + (_certain.Has(row) ? _certainKeys.NumberOf(row) : _certainKeys.Count + _otherKeys.NumberOf(row)), picks.Scores[i]);
        }
        return entries;
    }

    private void Reserve(int count)
    {
        if (_rows.Length >= count)
            return;
        (_rows, _scores, _dots) = (new int[count], new float[count], new float[count]);
        (_closeRows, _closeKeys, _closeScores) = (new int[count], new ulong[count], new float[count]);
    }
}
