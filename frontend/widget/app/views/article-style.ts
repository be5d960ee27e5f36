/** The look of an article. */
import { adopt } from '../styles'
import css from './article.css?inline'

adopt(css)
