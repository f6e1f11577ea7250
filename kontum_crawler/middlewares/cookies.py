"""Cookies of one portal, kept for one run.

Scrapy's own middleware asks publicsuffix.org which domains are public; a crawl of a portal asks
nobody but the portal. All requests go to the portal's hosts anyway, so no cookie can stray.
"""

from scrapy import Request
from scrapy.http import Response
from scrapy.http.cookies import CookieJar


class CookiesMiddleware:
    """Sends back what the portal's hosts set, each host its own."""

    def __init__(self) -> None:
        self.jar = CookieJar(check_expired_frequency=10_000)

    def process_request(self, request: Request) -> None:
        """Add the cookies of the host, but for robots.txt."""
        if not request.meta.get("robots"):
            request.headers.pop("Cookie", None)
            self.jar.add_cookie_header(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep what the host sets."""
        if "Set-Cookie" in response.headers:
            self.jar.extract_cookies(response, request)
        return response
