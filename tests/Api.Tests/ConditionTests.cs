using System.Text;
using KgOrleans.Api.Tests.Fakes;

namespace KgOrleans.Api.Tests;

/// <summary>Conditions of writes where they are checked: in the grains of the whole service.</summary>
[Trait("Suite", "Cluster")]
public sealed class ConditionTests(LiveHost live) : IClassFixture<LiveHost>
{
    private const string Item = """{"creatorId":"c","kind":"audio"}""";

    [Theory]
    [InlineData("/v1/items/fresh", Item)]
    [InlineData("/v1/users/fresh", "{}")]
    [InlineData("/v1/scenes/fresh", "{}")]
    public async Task Of_many_who_create_one_document_at_once_one_does(string path, string body)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => PutAsync(path, body)));

        Assert.Equal([(201, 1), (412, 15)], statuses.GroupBy(s => s).Select(g => (g.Key, g.Count())).Order());
        Assert.Equal(204, (int)(await live.Http.DeleteAsync(path)).StatusCode);
        Assert.Equal(201, await PutAsync(path, body));
    }

    [Fact]
    public async Task A_user_known_by_events_alone_has_no_profile_yet()
    {
        await live.Http.PutAsync("/v1/items/played", new StringContent(Item, Encoding.UTF8, "application/json"));
        const string played = """{"events":[{"userId":"listener","itemId":"played","type":"like"}]}""";
        Assert.True((await live.Http.PostAsync("/v1/events", new StringContent(played, Encoding.UTF8, "application/json"))).IsSuccessStatusCode);

        Assert.Equal(201, await PutAsync("/v1/users/listener", "{}"));
        Assert.Equal(412, await PutAsync("/v1/users/listener", "{}"));
    }

    private async Task<int> PutAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "If-None-Match", "*" } },
        };
        return (int)(await live.Http.SendAsync(request)).StatusCode;
    }
}
