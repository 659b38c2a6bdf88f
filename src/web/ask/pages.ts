/** The pages for strangers: to ask for a link, and to open one. */
import { LINK_HOURS } from './link.js'
import { type Markup, markup, pageOf } from './markup.js'

export const askPage = (foot: string): Markup =>
  pageOf(
    { title: 'Ask my list', foot },
    markup`<h1>What do the logs say of my list?</h1>
<p class="lead">Why mail is held and what to do, what became of a message, bounces: for people who run a mailing list. No account is needed.</p>
<form method="post" action="./" autocomplete="off">
<label class="wide">List, by its name or its address <input name="list" type="text" maxlength="320" required spellcheck="false" autocapitalize="none" placeholder="announce@lists.example.org"></label>
<button type="submit" class="main">Send the link</button>
</form>
<p class="note">The link goes by mail to the list’s owner address, so Mailman decides who gets it. It opens that list only, for ${LINK_HOURS} hours.</p>`,
  )

/** The same for every name. */
export const askedPage = (foot: string): Markup =>
  pageOf(
    { title: 'Look into your mail', foot },
    markup`<h1>Look into your mail</h1>
<p class="lead">If there is such a list, a link is on its way to its owner address.</p>
<p>Nothing comes where the name is not a list’s, nothing is logged of it, its owner address does not reach you, or several links were asked for within the hour. This page says the same in each case.</p>
<p><a href="./">Ask once more</a></p>`,
  )

export const openPage = (foot: string): Markup =>
  pageOf(
    { title: 'Open a list', foot, script: 'open.js' },
    markup`<h1>Open a list</h1>
<form id="form" method="post" action="open" autocomplete="off">
<label class="wide">What stands behind the # in the link <input id="code" name="code" type="text" maxlength="1000" required spellcheck="false" autocapitalize="none"></label>
<button type="submit" class="main">Open</button>
</form>`,
  )

/** Whatever is wrong with it. */
export const closedPage = (foot: string): Markup =>
  pageOf(
    { title: 'No link', foot },
    markup`<h1>This link does not open a list</h1>
<p class="lead">A link works for ${LINK_HOURS} hours, in the browser that opened it. It may be over, not whole, or the key was replaced.</p>
<p><a href="./">Ask for a new one</a></p>`,
  )

export const refusalPage = (foot: string, message: string, remedy: string): Markup =>
  pageOf(
    { title: 'Not shown', foot },
    markup`<h1>Not shown</h1>
<p class="lead" role="alert">${message} ${remedy}</p>`,
  )

/** Of the whole page, where nobody gets links. */
export const offPage = (foot: string): Markup =>
  pageOf(
    { title: 'Ask my list', foot },
    markup`<h1>Nobody gets a link here</h1>
<p class="lead">Links to one list’s events, for people who run it, are switched off. The option <code>web.askMyList</code> in the configuration switches them on.</p>`,
  )
