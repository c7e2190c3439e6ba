using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>Writes the profiles: the interests that users state and the people they know, a noisy part of what they like.</summary>
internal sealed class UserWriter
{
    // Noise of a stated preference against a match of about unit variance.
    private const float StatedNoise = 0.8f;

    private const double NothingStated = 0.1;
    private const double Blocks = 0.03;
    private const double OwnRegion = 0.6;
    private const double OwnCommunity = 0.7;
    private const double FriendOfGroup = 0.7;
    private const int Candidates = 8;

    private readonly HiddenWorld _world;
    private readonly Truth _truth;
    private readonly TagLatents _tags;
    private readonly RandomStream _random;
    private readonly WeightedSampler _songs;
    private readonly WeightedSampler _creators;

    public UserWriter(HiddenWorld world, Truth truth, TagLatents tags)
    {
        _world = world;
        _truth = truth;
        _tags = tags;
        _random = new RandomStream(world.Options.Seed, StreamPurpose.Profiles);
        _songs = new WeightedSampler(world.SongWeights);
        _creators = new WeightedSampler(world.CreatorWeights);
    }

    public UserDocument[] Write()
    {
        var friends = DrawFriends();
        var users = new UserDocument[_world.Options.Users];
        for (var u = 0; u < users.Length; u++)
        {
            var follows = DrawCreators(u, _random.Between(3, 3 + _random.Next(28)));
            // A group lives mostly in three regions and in the communities of its number: both are hints, not proofs.
            var region = _random.Chance(OwnRegion) ? ((_world.UserGroup[u] * 7) + _random.Next(3)) % Names.Regions.Length : _random.Next(Names.Regions.Length);
            users[u] = new UserDocument
            {
                UserId = Ids.User(u),
                Region = Names.Regions[region],
                Language = Names.Languages[Names.LanguageOf(region)],
                Interests = DrawInterests(u),
                Follows = Ids.All(follows, Ids.Creator),
                Friends = Ids.All(friends[u], Ids.User),
                CommunityIds = Ids.All(DrawCommunities(u), Ids.Community),
                BlockedCreatorIds = Ids.All(DrawBlocked(u, follows), Ids.Creator),
            };
        }
        return users;
    }

    private float CreatorMatch(int user, int creator) =>
        (HiddenWorld.Dot(HiddenWorld.Row(_world.UserLatent, user), HiddenWorld.Row(_world.CreatorLatent, creator)) / MathF.Sqrt(HiddenWorld.Dimension))
        + _truth.Affinities.Creator(Objectives.Play, _world.UserGroup[user], creator);

    private float SongMatch(int user, int song) =>
        (HiddenWorld.Dot(HiddenWorld.Row(_world.UserLatent, user), HiddenWorld.Row(_world.SongLatent, song)) / MathF.Sqrt(HiddenWorld.Dimension))
        + _truth.Affinities.Song(Objectives.Play, _world.UserGroup[user], song);

    // Popular creators are met more often; a user follows those of them that match best.
    private SortedSet<int> DrawCreators(int user, int count) => DrawBest(count, _creators, creator => CreatorMatch(user, creator));

    private SortedSet<int> DrawBest(int count, WeightedSampler met, Func<int, float> match)
    {
        var drawn = new SortedSet<int>();
        while (drawn.Count < count)
        {
            var (best, bestMatch) = (-1, float.NegativeInfinity);
            for (var n = 0; n < Candidates; n++)
            {
                var candidate = met.Next(_random);
                var noisy = match(candidate) + (StatedNoise * _random.Normal());
                if (noisy > bestMatch)
                    (best, bestMatch) = (candidate, noisy);
            }
            drawn.Add(best);
        }
        return drawn;
    }

    private UserInterests? DrawInterests(int user)
    {
        if (_random.Chance(NothingStated))
            return null;
        Span<int> drawn = stackalloc int[_random.Between(2, 6)];
        var genres = (drawn.Length + 1) / 2;
        var latent = HiddenWorld.Row(_world.UserLatent, user);
        _tags.Draw(latent, 0, Names.Genres, drawn[..genres], _random);
        _tags.Draw(latent, Names.Genres, Names.Tags.Length, drawn[genres..], _random);
        var weights = new Dictionary<string, double>(drawn.Length);
        foreach (var tag in drawn)
            weights[Names.Tags[tag]] = Math.Round(_random.Between(0.4, 1), 2);
        return new UserInterests
        {
            Tags = weights,
            SongIds = Ids.All(DrawBest(_random.Next(6), _songs, song => SongMatch(user, song)), Ids.Song),
            CreatorIds = Ids.All(DrawCreators(user, _random.Next(4)), Ids.Creator),
        };
    }

    private SortedSet<int> DrawCommunities(int user)
    {
        var count = _random.Between(1, 4);
        var drawn = new SortedSet<int>();
        while (drawn.Count < count)
        {
            var own = _world.UserGroup[user] + (HiddenWorld.Groups * _random.Next(HiddenWorld.Communities / HiddenWorld.Groups));
            drawn.Add(_random.Chance(OwnCommunity) ? own : _random.Next(HiddenWorld.Communities));
        }
        return drawn;
    }

    private SortedSet<int> DrawBlocked(int user, SortedSet<int> follows)
    {
        var blocked = new SortedSet<int>();
        if (!_random.Chance(Blocks))
            return blocked;
        // Several tries: most creators that a user meets are not disliked.
        for (var looks = _random.Between(3, 9); looks > 0; looks--)
        {
            var creator = _creators.Next(_random);
            if (!follows.Contains(creator) && CreatorMatch(user, creator) < -0.5f)
                blocked.Add(creator);
        }
        return blocked;
    }

    // Friendship is mutual. Friends are mostly of one group and, among the people met, of similar taste.
    private SortedSet<int>[] DrawFriends()
    {
        var friends = new SortedSet<int>[_world.Options.Users];
        var groups = new List<int>[HiddenWorld.Groups];
        for (var g = 0; g < groups.Length; g++)
            groups[g] = [];
        for (var u = 0; u < friends.Length; u++)
        {
            friends[u] = [];
            groups[_world.UserGroup[u]].Add(u);
        }
        for (var u = 0; u < friends.Length; u++)
        {
            var own = groups[_world.UserGroup[u]];
            for (var n = _random.Between(1, 5); n > 0; n--)
            {
                var (best, bestMatch) = (u, float.NegativeInfinity);
                for (var met = 0; met < Candidates / 2; met++)
                {
                    var other = _random.Chance(FriendOfGroup) ? own[_random.Next(own.Count)] : _random.Next(friends.Length);
                    var match = HiddenWorld.Dot(HiddenWorld.Row(_world.UserLatent, u), HiddenWorld.Row(_world.UserLatent, other));
                    if (other != u && match > bestMatch)
                        (best, bestMatch) = (other, match);
                }
                if (best == u)
                    continue;
                friends[u].Add(best);
                friends[best].Add(u);
            }
        }
        return friends;
    }
}
