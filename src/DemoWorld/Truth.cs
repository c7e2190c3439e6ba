using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld;

/// <summary>
/// Why users of a demo world do what they do. Per objective o: logit_o = scale_o (sqrt(1-k) &lt;p_u, q_i&gt;_o + sqrt(k) affinity_o(group(u), creator(i),
/// song(i))) + quality + recency + context + bias_o, where &lt;p, q&gt;_o weighs the latent dimensions by objective and is standardised, and k is
/// <see cref="DemoWorldOptions.GroupShare"/>. For evaluation alone.
/// </summary>
public sealed class Truth
{
    private const int CalibrationPairs = 20_000;
    private const int BisectionSteps = 50;

    private readonly HiddenWorld _world;
    private readonly Affinities _affinities;
    private readonly DateTimeOffset _midnight;
    private readonly float[][] _latentWeights = new float[Objectives.Count][];
    private readonly float[] _latentMean = new float[Objectives.Count];
    private readonly float[] _bias = new float[Objectives.Count];
    private readonly float[] _tonePeak;
    private readonly float[] _kindPeak;

    internal Truth(HiddenWorld world, DateTimeOffset midnight)
    {
        _world = world;
        _midnight = midnight;
        _affinities = new Affinities(world);
        var random = new RandomStream(world.Options.Seed, StreamPurpose.Calibration);
        _tonePeak = Peaks(Names.Tones.Length, random);
        _kindPeak = Peaks(Enum.GetValues<ItemKind>().Length, random);
        for (var o = 0; o < Objectives.Count; o++)
        {
            _latentWeights[o] = new float[HiddenWorld.Dimension];
            for (var d = 0; d < HiddenWorld.Dimension; d++)
                _latentWeights[o][d] = o == Objectives.Play ? 1 : 1 + (0.5f * random.Normal());
        }
        Standardise(random);
        SetBiases(random);
    }

    /// <summary>Number of items.</summary>
    public int ItemCount => _world.Options.Items;

    /// <summary>Number of users.</summary>
    public int UserCount => _world.Options.Users;

    internal Affinities Affinities => _affinities;

    /// <summary>
    /// Expected utility of showing each item to a user: P(valid play) + 0.5 P(like) + 0.25 P(share), the feed scene's weights; 0 for an item that is not yet
    /// published.
    /// </summary>
    /// <param name="userIndex">Index into <see cref="DemoWorldData.Users"/>.</param>
    /// <param name="at">When it is shown.</param>
    /// <param name="utility">
    /// Destination, one per item in the order of <see cref="DemoWorldData.Items"/>. Throws <see cref="ArgumentException"/> when its length differs.
    /// </param>
    public void Utilities(int userIndex, DateTimeOffset at, Span<float> utility)
    {
        Require(utility);
        var asker = new Asker(this, userIndex, at);
        for (var i = 0; i < utility.Length; i++)
        {
            var chances = asker.Chances(i);
            utility[i] = chances.Published ? chances.Utility : 0;
        }
    }

    /// <summary>What would happen if one item were shown to one user.</summary>
    /// <param name="userIndex">Index into <see cref="DemoWorldData.Users"/>.</param>
    /// <param name="itemIndex">Index into <see cref="DemoWorldData.Items"/>.</param>
    /// <param name="at">When it is shown.</param>
    public TrueChances Chances(int userIndex, int itemIndex, DateTimeOffset at) => new Asker(this, userIndex, at).Chances(itemIndex);

    /// <summary>
    /// The part of the play logit that a dot product of latent vectors explains, standardised. It is an upper bound for two-tower models of the truth's
    /// dimension.
    /// </summary>
    /// <param name="userIndex">Index into <see cref="DemoWorldData.Users"/>.</param>
    /// <param name="scores">Destination, one per item.</param>
    public void LatentScores(int userIndex, Span<float> scores)
    {
        Require(scores);
        Span<float> user = stackalloc float[HiddenWorld.Dimension];
        WeighUser(Objectives.Play, userIndex, user);
        for (var i = 0; i < scores.Length; i++)
            scores[i] = HiddenWorld.Dot(user, HiddenWorld.Row(_world.ItemLatent, i)) - _latentMean[Objectives.Play];
    }

    private void Require(ReadOnlySpan<float> destination)
    {
        if (destination.Length != ItemCount)
            throw new ArgumentException($"has {destination.Length} elements, must have {ItemCount}, one for each item");
    }

    private void WeighUser(int objective, int user, Span<float> weighted)
    {
        var latent = HiddenWorld.Row(_world.UserLatent, user);
        for (var d = 0; d < weighted.Length; d++)
            weighted[d] = latent[d] * _latentWeights[objective][d];
    }

    private void Standardise(RandomStream random)
    {
        Span<float> user = stackalloc float[HiddenWorld.Dimension];
        for (var o = 0; o < Objectives.Count; o++)
        {
            double sum = 0, squares = 0;
            for (var n = 0; n < CalibrationPairs; n++)
            {
                WeighUser(o, random.Next(UserCount), user);
                double dot = HiddenWorld.Dot(user, HiddenWorld.Row(_world.ItemLatent, random.Next(ItemCount)));
                sum += dot;
                squares += dot * dot;
            }
            var mean = sum / CalibrationPairs;
            var deviation = Math.Sqrt((squares / CalibrationPairs) - (mean * mean));
            for (var d = 0; d < HiddenWorld.Dimension; d++)
                _latentWeights[o][d] /= (float)deviation;
            _latentMean[o] = (float)(mean / deviation);
        }
    }

    // Bisection finds each bias, so that the base rates hold for every seed, size and k.
    private void SetBiases(RandomStream random)
    {
        var logits = new float[CalibrationPairs * Objectives.Count];
        for (var n = 0; n < CalibrationPairs; n++)
        {
            var at = _midnight.AddDays(-random.Between(0, _world.Options.LoggedDays));
            var asker = new Asker(this, random.Next(UserCount), at);
            var item = random.Next(ItemCount);
            while (!asker.IsPublished(item))
                item = random.Next(ItemCount);
            asker.Logits(item, logits.AsSpan(n * Objectives.Count, Objectives.Count));
        }
        for (var o = 0; o < Objectives.Count; o++)
        {
            float low = -20, high = 20;
            for (var step = 0; step < BisectionSteps; step++)
            {
                var middle = (low + high) / 2;
                double hits = 0, chances = 0;
                for (var n = 0; n < CalibrationPairs; n++)
                {
                    var weight = o == Objectives.Play ? 1 : Sigmoid(logits[n * Objectives.Count] + _bias[Objectives.Play]);
                    hits += weight * Sigmoid(logits[(n * Objectives.Count) + o] + middle);
                    chances += weight;
                }
                if (hits / chances < Objectives.All[o].Rate)
                    low = middle;
                else
                    high = middle;
            }
            _bias[o] = low;
        }
    }

    private static float[] Peaks(int count, RandomStream random)
    {
        var hours = new float[count];
        for (var i = 0; i < count; i++)
            hours[i] = (float)random.Between(0, 24);
        return hours;
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    /// <summary>One user at one moment: everything that does not depend on the item.</summary>
    internal sealed class Asker
    {
        private readonly Truth _truth;
        private readonly HiddenWorld _world;
        private readonly int _group;
        private readonly double _daysSinceMidnight;
        private readonly float[][] _user = new float[Objectives.Count][];
        private readonly float[] _tone;
        private readonly float[] _kind;
        private readonly float _latentShare;
        private readonly float _groupShare;

        public Asker(Truth truth, int user, DateTimeOffset at)
        {
            _truth = truth;
            _world = truth._world;
            _group = _world.UserGroup[user];
            _daysSinceMidnight = (at - truth._midnight).TotalDays;
            _latentShare = (float)Math.Sqrt(1 - _world.Options.GroupShare);
            _groupShare = (float)Math.Sqrt(_world.Options.GroupShare);
            for (var o = 0; o < Objectives.Count; o++)
            {
                _user[o] = new float[HiddenWorld.Dimension];
                truth.WeighUser(o, user, _user[o]);
            }
            var hour = (float)at.UtcDateTime.TimeOfDay.TotalHours;
            _tone = Array.ConvertAll(truth._tonePeak, peak => MathF.Cos(MathF.Tau * (hour - peak) / 24));
            _kind = Array.ConvertAll(truth._kindPeak, peak => MathF.Cos(MathF.Tau * (hour - peak) / 24));
        }

        public bool IsPublished(int item) => _world.ItemAgeDays[item] + _daysSinceMidnight >= 0;

        public TrueChances Chances(int item)
        {
            Span<float> logits = stackalloc float[Objectives.Count];
            Logits(item, logits);
            return new TrueChances(
                IsPublished(item),
                Sigmoid(logits[Objectives.Play] + _truth._bias[Objectives.Play]),
                Sigmoid(logits[Objectives.Like] + _truth._bias[Objectives.Like]),
                Sigmoid(logits[Objectives.Share] + _truth._bias[Objectives.Share]));
        }

        /// <summary>Logits without bias.</summary>
        public void Logits(int item, Span<float> logits)
        {
            var latent = HiddenWorld.Row(_world.ItemLatent, item);
            var fresh = MathF.Exp((float)(-Math.Max(0, _world.ItemAgeDays[item] + _daysSinceMidnight) / Objectives.RecencyDays));
            var context = _tone[_world.ItemTone[item]] + _kind[(int)_world.ItemKinds[item]];
            for (var o = 0; o < Objectives.Count; o++)
            {
                var objective = Objectives.All[o];
                var match = (_latentShare * (HiddenWorld.Dot(_user[o], latent) - _truth._latentMean[o]))
                    + (_groupShare * _truth._affinities.Item(o, _group, item));
                logits[o] = (objective.Scale * match)
                    + (objective.Quality * _world.ItemQuality[item])
                    + (objective.Recency * fresh)
                    + (objective.Context * context);
            }
        }
    }
}
