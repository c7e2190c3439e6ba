using System.Text;
using KgOrleans.Api.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class RememberedAnswersTests
{
    private int _made;

    [Fact]
    public async Task An_answer_is_made_once_and_a_failure_is_not_remembered()
    {
        var endpoint = new RouteEndpointBuilder(Make, RoutePatternFactory.Parse("/script.js"), 0);
        RememberedAnswers.Remember(endpoint);

        await Assert.ThrowsAsync<IOException>(() => AskAsync(endpoint));
        Assert.Equal((503, ""), await AskAsync(endpoint));
        Assert.Equal((200, "script 3"), await AskAsync(endpoint));
        Assert.Equal((200, "script 3"), await AskAsync(endpoint));
        Assert.Equal(3, _made);
    }

    private static async Task<(int Status, string Body)> AskAsync(RouteEndpointBuilder endpoint)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = body;
        await endpoint.RequestDelegate!(http);
        return (http.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }

    private Task Make(HttpContext http)
    {
        if (++_made == 1)
            throw new IOException("gone");
        http.Response.StatusCode = _made == 2 ? 503 : 200;
        return _made == 2 ? Task.CompletedTask : http.Response.WriteAsync($"script {_made}");
    }
}
