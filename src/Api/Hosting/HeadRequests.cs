namespace KgOrleans.Api.Hosting;

/// <summary>
/// HEAD asks for what GET answers, without its body (RFC 9110, 9.3.2): it is routed and answered as GET, and the server, which knows the method that was sent,
/// drops the body.
/// </summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method))
            http.Request.Method = HttpMethods.Get;
        return next(http);
    }
}
