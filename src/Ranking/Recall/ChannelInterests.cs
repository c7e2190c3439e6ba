using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The interests of a user for the channels that add them up. Each list is bounded: a channel takes as long as the postings that it walks, and those of a
/// common tag hold a tenth of a catalogue. The weakest interests would cost as much as the strongest and hardly move the order.
/// </summary>
public static class ChannelInterests
{
    /// <summary>Strongest tags of the index channel.</summary>
    public const int Tags = 8;

    /// <summary>Strongest songs, and as many creators, of the index channel: their postings are short.</summary>
    public const int SongsAndCreators = 16;

    /// <summary>Creators followed, in the order of the profile and then of the events.</summary>
    public const int Follows = 256;

    /// <summary>Friends, and items that friends liked.</summary>
    public const int FriendsAndLikes = 128;

    /// <summary>Communities: their postings can be long.</summary>
    public const int Communities = 16;

    // A creator counts twice in the scan: what is followed 2, what a friend made 3, what n friends liked n, what is of a community 1.
    private const float FriendWeight = 1.5f;

    // An item played earlier counts less: what was just played says most about what is wanted now.
    private const float Fading = 0.6f;

    /// <summary>What a channel walks for a user; nothing for a channel that does not add up interests.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="user">The user.</param>
    /// <param name="friendLikes">Items that friends liked, most liked first; the weight is how many friends.</param>
    /// <param name="song">Key of the song that the caller says is playing; 0 for none.</param>
    /// <param name="frequencies">How many items have the user's interests; null takes the interests' own weights.</param>
    public static RecallInterest[] Of(
        RecallChannel channel, UserSnapshot user, ReadOnlySpan<RecallInterest> friendLikes, ulong song, ItemFrequencies? frequencies = null) => channel switch
        {
            RecallChannel.Index when user.IsKnown => Index(user, frequencies),
            RecallChannel.Social => Social(user, friendLikes),
            RecallChannel.Continue => Continue(user, song),
            _ => [],
        };

    /// <summary>The index channel: the interests, stated and learnt, that are strongest and tell most.</summary>
    /// <param name="user">The user.</param>
    /// <param name="frequencies">How many items have the user's interests; null takes the interests' own weights.</param>
    public static RecallInterest[] Index(UserSnapshot user, ItemFrequencies? frequencies = null)
    {
        var interests = new List<RecallInterest>(Tags + (2 * SongsAndCreators));
        AddBest(user.Tags, Tags, InterestField.Tag);
        AddBest(user.Songs, SongsAndCreators, InterestField.Song);
        AddBest(user.Creators, SongsAndCreators, InterestField.Creator);
        return [.. interests];

        void AddBest(IReadOnlyList<WeightedInterest> of, int most, InterestField field) =>
            Add(interests, frequencies?.Weigh(of, field, most) ?? of, most, field);
    }

    /// <summary>Everything whose frequency <see cref="Index"/> wants to know.</summary>
    public static RecallInterest[] Weighed(UserSnapshot user)
    {
        var interests = new List<RecallInterest>(user.Tags.Count + user.Songs.Count + user.Creators.Count);
        Add(interests, user.Tags, user.Tags.Count, InterestField.Tag);
        Add(interests, user.Songs, user.Songs.Count, InterestField.Song);
        Add(interests, user.Creators, user.Creators.Count, InterestField.Creator);
        return [.. interests];
    }

    /// <summary>The social channel.</summary>
    /// <param name="user">The user.</param>
    /// <param name="friendLikes">Items that friends liked, most liked first; the weight is how many friends.</param>
    public static RecallInterest[] Social(UserSnapshot user, ReadOnlySpan<RecallInterest> friendLikes)
    {
        var interests = new List<RecallInterest>();
        Add(interests, user.Follows, Follows, 1, InterestField.Creator);
        Add(interests, user.Friends, FriendsAndLikes, FriendWeight, InterestField.Creator);
        Add(interests, user.Communities, Communities, 1, InterestField.Community);
        interests.AddRange(friendLikes[..Math.Min(friendLikes.Length, FriendsAndLikes)]);
        return [.. interests];
    }

    /// <summary>The continue channel: songs, creators and tags of what was just played, the newest first.</summary>
    /// <param name="user">The user.</param>
    /// <param name="song">Key of the song that the caller says is playing; 0 for none.</param>
    public static RecallInterest[] Continue(UserSnapshot user, ulong song)
    {
        var interests = new List<RecallInterest>();
        if (song != 0)
            interests.Add(new RecallInterest(song, 1, InterestField.Song));
        var (weight, tags) = (1f, Tags);
        foreach (var item in user.JustPlayed)
        {
            if (item.Song != 0)
                interests.Add(new RecallInterest(item.Song, weight, InterestField.Song));
            interests.Add(new RecallInterest(item.Creator, weight, InterestField.Creator));
            for (var i = 0; i < item.Tags.Length && tags > 0; i++, tags--)
                interests.Add(new RecallInterest(item.Tags[i], weight, InterestField.Tag));
            weight *= Fading;
        }
        return [.. interests];
    }

    private static void Add(List<RecallInterest> interests, IReadOnlyList<WeightedInterest> of, int most, InterestField field)
    {
        for (var i = 0; i < Math.Min(of.Count, most); i++)
            interests.Add(new RecallInterest(of[i].Key, of[i].Weight, field));
    }

    private static void Add(List<RecallInterest> interests, IReadOnlyList<ulong> of, int most, float weight, InterestField field)
    {
        for (var i = 0; i < Math.Min(of.Count, most); i++)
            interests.Add(new RecallInterest(of[i], weight, field));
    }
}
