using CsCheck;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class FriendLikesTests
{
    [Fact]
    public void An_item_weighs_as_many_friends_as_liked_it_whatever_their_order() =>
        Gen.Select(Gen.ULong[0, 20].Array[0, 10].Select(keys => keys.Distinct().ToArray()).Array[0, 8], Gen.Int[0, 12]).Sample((friends, most) =>
        {
            var expected = friends.SelectMany(f => f).GroupBy(k => k).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(most)
                .Select(g => new RecallInterest(g.Key, g.Count(), InterestField.Item)).ToArray();
            var liked = Array.ConvertAll(friends, f => Key64.ToBytes(f));
            Assert.Equal(expected, FriendLikes.Sum(liked, most));
            Assert.Equal(expected, FriendLikes.Sum(liked.Reverse(), most));
        });
}
